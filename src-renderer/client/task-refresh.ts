import type { QueryClient } from '@tanstack/react-query'
import { MAX_TASK_IDS } from '#contract/ids.ts'
import type { Task } from '#contract/task.ts'
import { patchTasks } from './event-effects.ts'
import { keys } from './keys.ts'

/** A list up to this long is one short answer: reading it whole is cheaper than asking for its tasks one by one. */
const WHOLE_UP_TO = 200
/** When more have changed, the whole list is read after all. */
const MOST = 400

/** Asks for some tasks of a project; those that are gone are left out of the answer. */
export type ReadSome = (projectId: string, ids: readonly string[]) => Promise<readonly Task[]>

/**
 * Reads changed tasks of long lists alone, so that a project of ten thousand tasks is not read again because one of
 * them moved.
 */
export function createTaskRefresh(queries: QueryClient, ask: ReadSome) {
  const wanted = new Map<string, Set<string>>()
  /** Which reading asked for a task last; only its answer counts. Gone once that has come. */
  const lastAsked = new Map<string, object>()
  let listReadings = 0
  const stop = queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'fetch') return
    if (event.query.queryKey[0] === keys.tasks('')[0]) listReadings += 1
  })

  function listOf(projectId: string) {
    return queries.getQueryCache().find<readonly Task[]>({ queryKey: keys.tasks(projectId) })
  }

  async function readSome(projectId: string, ids: readonly string[]): Promise<void> {
    const queryKey = keys.tasks(projectId)
    const reading = {}
    const readingsBefore = listReadings
    for (const id of ids) lastAsked.set(id, reading)
    try {
      const answers = await ask(projectId, ids)
      // One of them is gone: the list will tell which are left.
      if (answers.length < ids.length) void queries.invalidateQueries({ queryKey })
      const newest = answers.filter(({ id }) => lastAsked.get(id) === reading)
      if (listReadings === readingsBefore) {
        const read = new Map(newest.map((task) => [task.id, task]))
        queries.setQueryData<readonly Task[]>(queryKey, (tasks) => tasks && patchTasks(tasks, read))
      } else {
        // A list has been asked for meanwhile: nobody can tell whose answer is newer.
        want(
          projectId,
          newest.map(({ id }) => id),
        )
      }
    } catch (error) {
      // Baton is gone, or the project is: the list itself will tell.
      console.warn('Changed tasks could not be read alone:', error)
      await queries.invalidateQueries({ queryKey })
    } finally {
      for (const id of ids) if (lastAsked.get(id) === reading) lastAsked.delete(id)
    }
  }

  function want(projectId: string, ids: Iterable<string>): Set<string> {
    const all = new Set([...(wanted.get(projectId) ?? []), ...ids])
    if (all.size > 0) wanted.set(projectId, all)
    return all
  }

  return {
    /** Whether this takes care of the changed tasks; false where the list is to be read as a whole. */
    take(projectId: string, ids: ReadonlySet<string>): boolean {
      const query = listOf(projectId)
      if (query === undefined || !query.isActive() || (query.state.data?.length ?? 0) <= WHOLE_UP_TO) return false
      if (want(projectId, ids).size <= MOST) return true
      wanted.delete(projectId)
      return false
    },
    /** Reads some of what is wanted; true where more is left, or may be when an answer has come. */
    run(): boolean {
      for (const [projectId, ids] of wanted) {
        // An answer under way may be older than what is wanted, and would be put over it.
        if (queries.isFetching({ queryKey: keys.tasks(projectId) }) > 0) continue
        const some = [...ids].slice(0, MAX_TASK_IDS)
        for (const id of some) ids.delete(id)
        if (ids.size === 0) wanted.delete(projectId)
        void readSome(projectId, some)
      }
      return wanted.size > 0 || lastAsked.size > 0
    },
    close: stop,
  }
}
