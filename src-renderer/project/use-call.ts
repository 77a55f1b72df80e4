import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Project } from '#contract/project.ts'
import type { Client } from '../client/client.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { toastFault } from '../parts/toast.tsx'

/** A call that changes something: `run` starts it, a failure is told to the user, `isBusy` while it is under way. */
export type Call<Input> = { run: (input: Input) => void; isBusy: boolean }

/** Calls Baton; `onDone` gets the answer. */
export function useCall<Input, Output>(
  call: (client: Client, input: Input) => Promise<Output>,
  onDone?: (output: Output) => void,
): Call<Input> {
  const client = useClient()
  const mutation = useMutation({
    mutationFn: (input: Input) => call(client, input),
    onError: toastFault,
    ...(onDone === undefined ? {} : { onSuccess: (output: Output) => onDone(output) }),
  })
  return { run: (input) => mutation.mutate(input), isBusy: mutation.isPending }
}

/** A call that answers with the project: the page shows the answer at once, and reads again what hangs on it. */
export function useProjectCall<Input>(
  projectId: string,
  call: (client: Client, input: Input) => Promise<Project>,
  onDone?: (project: Project) => void,
): Call<Input> {
  const queries = useQueryClient()
  return useCall(call, (project) => {
    queries.setQueryData(keys.project(projectId), project)
    // The project itself too: an event may have told of its next state before this answer came.
    for (const queryKey of [
      keys.project(projectId),
      keys.plans(projectId),
      keys.tasks(projectId),
      keys.projects,
      keys.status,
    ]) {
      void queries.invalidateQueries({ queryKey })
    }
    onDone?.(project)
  })
}
