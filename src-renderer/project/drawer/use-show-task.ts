import { useQueryClient } from '@tanstack/react-query'
import type { Task } from '#contract/task.ts'
import { keys } from '../../client/keys.ts'

/** Puts an answered task into what the page shows, and reads again what hangs on it. */
export function useShowTask(projectId: string): (task: Task) => void {
  const queries = useQueryClient()
  return (task) => {
    queries.setQueryData<readonly Task[]>(keys.tasks(projectId), (tasks) =>
      tasks?.map((each) => (each.id === task.id ? task : each)),
    )
    for (const queryKey of [keys.tasks(projectId), keys.taskRuns(task.id), keys.project(projectId)]) {
      void queries.invalidateQueries({ queryKey })
    }
  }
}
