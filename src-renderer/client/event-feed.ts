import type { Query, QueryClient } from '@tanstack/react-query'
import type { OutputDelta, StoredEvent, StreamItem } from '#contract/event.ts'
import type { Task } from '#contract/task.ts'
import { effectsOf, patchTasks } from './event-effects.ts'
import { keys } from './keys.ts'
import { noteReading } from './live-knowledge.ts'
import { addDeltas } from './live-output.ts'
import { addProgress, type ProgressEvent } from './live-progress.ts'
import { notePull } from './live-pulls.ts'
import { createTaskRefresh } from './task-refresh.ts'

/** Items are collected this long and then applied together: a thousand events a second are ten changes of the page. */
const BATCH_MS = 100
/** What is out of date is read again at most this often. */
const REFRESH_MS = 750
const MAX_PAGES_READ_AGAIN = 2

/** Turns the stream into changes of the caches. One feed serves the whole page. `readTask` asks for one task. */
export function createEventFeed(
  queries: QueryClient,
  readTask: (id: string) => Promise<Task>,
): { add(item: StreamItem): void; close(): void } {
  const tasksOneByOne = createTaskRefresh(queries, readTask)
  let events: StoredEvent[] = []
  let deltas: OutputDelta[] = []
  let progress: ProgressEvent[] = []
  let batch: ReturnType<typeof setTimeout> | null = null
  let refresh: ReturnType<typeof setTimeout> | null = null
  let refreshedAt = 0
  const stale = new Map<string, readonly unknown[]>()

  const flush = () => {
    batch = null
    const { taskPatches, staleTasks, stale: fresh } = effectsOf(events)
    let hasMore = false
    for (const [projectId, patches] of taskPatches) {
      queries.setQueryData<readonly Task[]>(keys.tasks(projectId), (tasks) => tasks && patchTasks(tasks, patches))
    }
    for (const key of fresh) stale.set(JSON.stringify(key), key)
    for (const [projectId, ids] of staleTasks) {
      const key = keys.tasks(projectId)
      if (tasksOneByOne.take(projectId, ids)) hasMore = true
      else stale.set(JSON.stringify(key), key)
    }
    addDeltas(deltas)
    addProgress(progress, events.flatMap(runWhoseStepEnded))
    events = []
    deltas = []
    progress = []
    if ((hasMore || stale.size > 0) && refresh === null) {
      refresh = setTimeout(refetch, Math.max(0, refreshedAt + REFRESH_MS - Date.now()))
    }
  }
  const refetch = () => {
    refresh = null
    refreshedAt = Date.now()
    const names = [...stale.values()]
    stale.clear()
    for (const queryKey of names) {
      // An answer that is under way may have been read before the event. It is let come, and asked for once more:
      // cancelling it would leave the page without any while events keep coming.
      if (queries.isFetching({ queryKey, predicate: isShort }) > 0) stale.set(JSON.stringify(queryKey), queryKey)
      void queries.invalidateQueries({ queryKey, predicate: isShort }, { cancelRefetch: false })
    }
    const isMoreLeft = tasksOneByOne.run()
    if (isMoreLeft || stale.size > 0) refresh = setTimeout(refetch, REFRESH_MS)
  }
  return {
    add(item) {
      if (item.kind === 'heartbeat') {
        // While the disk is in trouble no event can tell of it; the line says so by a sign of life.
        void queries.invalidateQueries({ queryKey: keys.status })
        return
      }
      if (item.kind === 'event') events.push(item.event)
      else if (item.delta.type === 'model.pull') notePull(queries, item.delta.pull)
      else if (item.delta.type === 'knowledge.progress') noteReading(queries, item.delta)
      else if (item.delta.type === 'run.progress') progress.push(item.delta)
      else deltas.push(item.delta)
      batch ??= setTimeout(flush, BATCH_MS)
    },
    close() {
      if (batch !== null) clearTimeout(batch)
      if (refresh !== null) clearTimeout(refresh)
    },
  }
}

function runWhoseStepEnded(event: StoredEvent): string[] {
  return event.type === 'step.state' && event.data.state !== 'sent' && event.run_id !== null ? [event.run_id] : []
}

/** A list read on and on by scrolling is not read again from its beginning while one is deep in it. */
function isShort({ state: { data } }: Query): boolean {
  const isPaged = typeof data === 'object' && data !== null && 'pages' in data && Array.isArray(data.pages)
  return !isPaged || (data.pages as unknown[]).length <= MAX_PAGES_READ_AGAIN
}
