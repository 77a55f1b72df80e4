import type { QueryClient } from '@tanstack/react-query'
import type { Task } from '#contract/task.ts'
import { patchTasks } from './event-effects.ts'
import { keys } from './keys.ts'

/** A list up to this long is one short answer: reading it whole is cheaper than asking for its tasks one by one. */
const WHOLE_UP_TO = 200
/** So many tasks are asked for at once. */
const AT_ONCE = 16
/** When more have changed, the whole list is read after all. */
const MOST = 400

/**
 * Reads changed tasks of long lists one by one, so that a project of ten thousand tasks is not read again because one of
 * them moved.
 */
export function createTaskRefresh(queries: QueryClient, readTask: (id: string) => Promise<Task>) {
  const wanted = new Map<string, Set<string>>()

  async function readSome(projectId: string, ids: readonly string[]): Promise<void> {
    const queryKey = keys.tasks(projectId)
    try {
      const read = new Map((await Promise.all(ids.map(readTask))).map((task) => [task.id, task]))
      queries.setQueryData<readonly Task[]>(queryKey, (tasks) => tasks && patchTasks(tasks, read))
    } catch (error) {
      // One of them is gone, or Baton is: the list itself will tell.
      console.warn('Changed tasks could not be read one by one:', error)
      await queries.invalidateQueries({ queryKey })
    }
  }

  return {
    /** Whether this takes care of the changed tasks; false where the list is to be read as a whole. */
    take(projectId: string, ids: ReadonlySet<string>): boolean {
      const query = queries.getQueryCache().find<readonly Task[]>({ queryKey: keys.tasks(projectId) })
      if (query === undefined || !query.isActive() || (query.state.data?.length ?? 0) <= WHOLE_UP_TO) return false
      const all = new Set([...(wanted.get(projectId) ?? []), ...ids])
      wanted.set(projectId, all)
      if (all.size <= MOST) return true
      wanted.delete(projectId)
      return false
    },
    /** Reads some of what is wanted; true where more is left. */
    run(): boolean {
      for (const [projectId, ids] of wanted) {
        // An answer under way may be older than what is wanted, and would be put over it.
        if (queries.isFetching({ queryKey: keys.tasks(projectId) }) > 0) continue
        const some = [...ids].slice(0, AT_ONCE)
        for (const id of some) ids.delete(id)
        if (ids.size === 0) wanted.delete(projectId)
        void readSome(projectId, some)
      }
      return wanted.size > 0
    },
  }
}
