import type { Query, QueryClient } from '@tanstack/react-query'
import type { StoredEvent } from '#contract/event.ts'
import type { OutputDelta, StreamItem } from '#contract/stream-item.ts'
import type { Task } from '#contract/task.ts'
import { createEventEffects, patchTasks } from './event-effects.ts'
import { keys, nameOf } from './keys.ts'
import { noteReading } from './live-knowledge.ts'
import { addDeltas } from './live-output.ts'
import { addProgress, type ProgressEvent } from './live-progress.ts'
import { notePull } from './live-pulls.ts'
import { createTaskRefresh, type ReadSome } from './task-refresh.ts'

/** Events are collected this long and then applied together: a thousand of them a second are four changes of the page. */
const BATCH_MS = 250
/** What streams in is to flow. */
const LIVE_MS = 100
/** What is out of date is read again at most this often. */
const REFRESH_MS = 750
/** Changed tasks of long lists are read together at most this often. */
const TASKS_MS = 300
const MAX_PAGES_READ_AGAIN = 2

export interface EventFeed {
  add(item: StreamItem): void
  /** Reads once more what has been read or asked for until now: no event will tell what has changed in it since. */
  doubtAll(): void
  close(): void
}

/** Turns the stream into changes of the caches. One feed serves the whole page. `readSome` asks for some tasks. */
export function createEventFeed(queries: QueryClient, readSome: ReadSome): EventFeed {
  const changedTasks = createTaskRefresh(queries, readSome)
  const effects = createEventEffects()
  let deltas: OutputDelta[] = []
  let progress: ProgressEvent[] = []
  let ended: string[] = []
  let batch: ReturnType<typeof setTimeout> | null = null
  let live: ReturnType<typeof setTimeout> | null = null
  let reading: ReturnType<typeof setTimeout> | null = null
  let refresh: ReturnType<typeof setTimeout> | null = null
  let refreshedAt = 0
  /** Names of the keys of what is out of date. */
  const stale = new Set<string>()

  const flush = () => {
    batch = null
    const { taskPatches, staleTasks, stale: fresh } = effects.take()
    for (const [projectId, patches] of taskPatches) {
      queries.setQueryData<readonly Task[]>(keys.tasks(projectId), (tasks) => tasks && patchTasks(tasks, patches))
    }
    for (const name of fresh) stale.add(name)
    for (const [projectId, ids] of staleTasks) {
      if (changedTasks.take(projectId, ids)) reading ??= setTimeout(readTasks, TASKS_MS)
      else stale.add(nameOf(keys.tasks(projectId)))
    }
    showLive()
    refetchSoon()
  }
  const refetchSoon = () => {
    if (stale.size > 0) refresh ??= setTimeout(refetch, Math.max(0, refreshedAt + REFRESH_MS - Date.now()))
  }
  const showLive = () => {
    if (live !== null) clearTimeout(live)
    live = null
    addDeltas(deltas)
    addProgress(progress, ended)
    deltas = []
    progress = []
    ended = []
  }
  const readTasks = () => {
    reading = changedTasks.run() ? setTimeout(readTasks, TASKS_MS) : null
  }
  const refetch = () => {
    refresh = null
    refreshedAt = Date.now()
    const names = new Set(stale)
    stale.clear()
    // Of a thousand names a page shows a dozen, so each query looks for its own, not each name for its queries.
    const isStale = (query: Query) => isShort(query) && namesOf(query).some((name) => names.has(name))
    for (const query of queries.getQueryCache().findAll({ fetchStatus: 'fetching', predicate: isStale })) {
      // An answer that is under way may have been read before the event. It is let come, and asked for once more:
      // cancelling it would leave the page without any while events keep coming.
      stale.add(nameOf(query.queryKey))
    }
    void queries.invalidateQueries({ predicate: isStale }, { cancelRefetch: false })
    if (stale.size > 0) refresh = setTimeout(refetch, REFRESH_MS)
  }
  return {
    add(item) {
      if (item.kind === 'heartbeat') {
        // While the disk is in trouble no event can tell of it; the line says so by a sign of life.
        void queries.invalidateQueries({ queryKey: keys.status })
        return
      }
      if (item.kind === 'event') {
        effects.add(item.event)
        const runId = runWhoseStepEnded(item.event)
        if (runId !== null) {
          // What came before it is over; what comes after it is of the run's next call.
          ended.push(runId)
          progress = progress.filter(({ run_id }) => run_id !== runId)
        }
        batch ??= setTimeout(flush, BATCH_MS)
        return
      }
      if (item.delta.type === 'model.pull') notePull(queries, item.delta.pull)
      else if (item.delta.type === 'knowledge.progress') noteReading(queries, item.delta)
      else if (item.delta.type === 'run.progress') progress.push(item.delta)
      else deltas.push(item.delta)
      live ??= setTimeout(showLive, LIVE_MS)
    },
    doubtAll() {
      for (const { queryKey } of queries.getQueryCache().getAll()) stale.add(nameOf(queryKey))
      // Who reads all of them has the status already.
      stale.delete(nameOf(keys.status))
      refetchSoon()
    },
    close() {
      for (const timer of [batch, live, reading, refresh]) if (timer !== null) clearTimeout(timer)
      changedTasks.close()
    },
  }
}

function runWhoseStepEnded(event: StoredEvent): string | null {
  return event.type === 'step.state' && event.data.state !== 'sent' ? event.run_id : null
}

/** The names that mean a query: its key, and each beginning of it. */
function namesOf({ queryKey }: Query): string[] {
  return queryKey.map((_, index) => nameOf(queryKey.slice(0, index + 1)))
}

/** A list read on and on by scrolling is not read again from its beginning while one is deep in it. */
function isShort({ state: { data } }: Query): boolean {
  const isPaged = typeof data === 'object' && data !== null && 'pages' in data && Array.isArray(data.pages)
  return !isPaged || (data.pages as unknown[]).length <= MAX_PAGES_READ_AGAIN
}
