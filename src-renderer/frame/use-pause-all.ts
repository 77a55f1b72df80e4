import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Status } from '#contract/service.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { toastFault } from '../parts/toast.tsx'

/** Holds or frees everything. The button answers at once; a refusal turns it back and says why. */
export function usePauseAll() {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (pause: boolean) => (pause ? client.system.pauseAll() : client.system.resumeAll()),
    onMutate: (pause) => queries.setQueryData<Status>(keys.status, (status) => status && { ...status, paused: pause }),
    onSuccess: (status) => queries.setQueryData(keys.status, status),
    onError: (error) => {
      toastFault(error)
      void queries.invalidateQueries({ queryKey: keys.status })
    },
  })
}
