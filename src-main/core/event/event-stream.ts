import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StreamItem } from '#contract/stream-item.ts'
import { toTimestamp } from '#contract/time.ts'
import { type EventLog, subjectKey } from './event-log.ts'
import { type About, aboutDelta, aboutEvent, isWanted, type StreamFilter } from './stream-filter.ts'

const PAGE = 500
/** Items that may wait for a slow reader before it is dropped; it resumes by id. */
const MAX_WAITING = 10_000
const HEARTBEAT_MS = 15_000

/**
 * Everything after `after`, then everything as it happens, without gap or repeat: the listener is on before the log is
 * read, and what both have is told apart by its sequence number. Without `after` it begins with now; with an id of another
 * history it begins at the start. Memory is bounded: a reader that falls behind by {@link MAX_WAITING} items is ended.
 */
export async function* streamEvents(
  log: EventLog,
  filter: StreamFilter,
  signal: AbortSignal,
  ownerOf: (id: string) => string | null,
): AsyncGenerator<StreamItem, void, undefined> {
  const waiting: StreamItem[] = []
  let overflow = false
  let wake: () => void = () => undefined

  const push = (item: StreamItem): void => {
    // Once one item was dropped, nothing may follow it: the reader would resume behind the gap.
    if (waiting.length >= MAX_WAITING) overflow = true
    if (!overflow) waiting.push(item)
    wake()
  }
  const wanted = (about: About): boolean => isWanted(filter, about, ownerOf)
  const offEvent = log.onEvent((event) => {
    if (wanted(aboutEvent(event))) push({ kind: 'event', event })
  })
  const offDelta = log.onDelta((delta) => {
    if (wanted(aboutDelta(delta))) push({ kind: 'delta', delta })
  })
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  const beat = (): void => push({ kind: 'heartbeat', ts: toTimestamp(Date.now()) })
  const offBeat = log.onBeat(beat)
  const heartbeat = setInterval(beat, HEARTBEAT_MS)

  try {
    let seen = filter.after === undefined ? log.lastSeq() : (log.seqOf(filter.after) ?? 0)
    const project_id = subjectKey('project', filter.project_id)
    for (;;) {
      if (signal.aborted) return
      const { items, seen: looked, isAll } = log.page({ after: seen, project_id, type: filter.type, limit: PAGE })
      for (const event of items) {
        seen = event.seq
        if (!wanted(aboutEvent(event))) continue
        yield { kind: 'event', event }
        if (signal.aborted) return
      }
      seen = looked
      if (isAll) break
      // Where nothing in it was the reader's, nobody else would get a turn before the end of the log.
      await nextTurn()
    }
    while (!signal.aborted) {
      const item = waiting.shift()
      if (item === undefined) {
        if (overflow) return
        await new Promise<void>((resolve) => {
          wake = resolve
          if (signal.aborted || waiting.length > 0) resolve()
        })
        continue
      }
      if (item.kind === 'event') {
        if (item.event.seq <= seen) continue
        seen = item.event.seq
      }
      yield item
    }
  } finally {
    clearInterval(heartbeat)
    offBeat()
    signal.removeEventListener('abort', onAbort)
    offEvent()
    offDelta()
  }
}
