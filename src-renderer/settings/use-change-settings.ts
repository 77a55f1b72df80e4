import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ChangeSettings } from '#contract/change-settings.ts'
import type { Settings } from '#contract/settings.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { settingsTexts } from '../texts/settings.ts'

/** Stores some settings; the rest stay as they are. */
export function useChangeSettings() {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: ChangeSettings) => client.settings.change(change),
    // A switch answers at once; a refusal turns it back and says why.
    onMutate: (change) =>
      queries.setQueryData<Settings>(keys.settings, (settings) => settings && ({ ...settings, ...change } as Settings)),
    onSuccess: (settings) => {
      queries.setQueryData(keys.settings, settings)
      void queries.invalidateQueries({ queryKey: keys.status })
      void queries.invalidateQueries({ queryKey: keys.models })
      toastDone(settingsTexts.saved)
    },
    onError: (error) => {
      toastFault(error)
      void queries.invalidateQueries({ queryKey: keys.settings })
    },
  })
}
