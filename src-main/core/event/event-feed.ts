import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StoredEvent, StreamItem } from '#contract/event.ts'
import { toTimestamp } from '#contract/time.ts'
import { type EventLog, subjectKey } from './event-log.ts'
import { type About, aboutDelta, aboutEvent, isWanted, type StreamFilter } from './stream-filter.ts'

/** One who is told of what happens. None of its functions may throw. */
export interface Follower {
  /** Takes the next item, at once. All followers are given the same object, so that it need be put into bytes once. */
  take(item: StreamItem): void
  /** When more of the past may be read: null is now. */
  room(): Promise<void> | null
  /** There will be nothing more: core closes, or the log cannot be read. */
  end(): void
}

/** What happens, for any number of followers: each item goes through all of them in one pass. */
export interface EventFeed {
  /** Everything after `filter.after` and then everything as it happens, as `streamEvents` has it. Answers how to stop. */
  follow(filter: StreamFilter, follower: Follower): () => void
  close(): void
}

export interface FeedParts {
  readonly log: EventLog
  ownerOf(id: string): string | null
  /** Is told of a fault of the disk. */
  report(cause: unknown): void
}

type EventItem = Extract<StreamItem, { kind: 'event' }>
interface Place {
  readonly filter: StreamFilter
  readonly follower: Follower
  /** Sequence number of the last event that was looked at for them. */
  seen: number
  isOver: boolean
}

/** Events read at once from the log for one follower: what a line may have to hold beyond what its reader takes. */
const PAGE = 100
/** The last events in memory, so that a crowd that was cut off comes back without as many readings of the log. */
const RECENT = 1_000
const HEARTBEAT_MS = 15_000

/**
 * The past is read from the log page by page, as the follower has room; the page after which there is no more makes it a
 * live one, in the same moment, so there is neither gap nor repeat. From then on it is told in one loop with all others.
 * Nothing is kept for anybody here: who is too slow for the loop ends themselves and comes back with their last id.
 */
export function createEventFeed({ log, ownerOf, report }: FeedParts): EventFeed {
  const places = new Set<Place>()
  const live = new Set<Place>()
  let recent: EventItem[] = []
  let isListening = false
  let isClosed = false
  let heartbeat: NodeJS.Timeout | undefined

  function tell(item: StreamItem, about: About, seq = Number.POSITIVE_INFINITY): void {
    let owner: string | null | undefined
    // Asked for once for an item, and only where somebody needs it.
    const ownerOnce = (id: string): string | null => {
      if (owner === undefined) owner = ownerOf(id)
      return owner
    }
    for (const place of live) {
      if (seq > place.seen && isWanted(place.filter, about, ownerOnce)) place.follower.take(item)
    }
  }

  function onEvent(event: StoredEvent): void {
    const item: EventItem = { kind: 'event', event }
    recent.push(item)
    if (recent.length >= 2 * RECENT) recent = recent.slice(RECENT)
    tell(item, aboutEvent(event), event.seq)
  }

  function beat(): void {
    const item: StreamItem = { kind: 'heartbeat', ts: toTimestamp(Date.now()) }
    for (const place of live) place.follower.take(item)
  }

  /** With the first follower, and for good: a process that nobody follows spares itself the work. */
  function listen(): void {
    if (isListening) return
    isListening = true
    log.onEvent(onEvent)
    log.onDelta((delta) => tell({ kind: 'delta', delta }, aboutDelta(delta)))
    log.onBeat(beat)
  }

  /** The next events behind `seen`, and whether there are no more. */
  function past({ filter, seen }: Place): { items: readonly EventItem[]; isAll: boolean } {
    const first = recent[0]?.event.seq
    if (first !== undefined && first <= seen + 1) {
      const behind = recent.filter(({ event }) => event.seq > seen)
      return { items: behind.slice(0, PAGE), isAll: behind.length <= PAGE }
    }
    const project_id = subjectKey('project', filter.project_id)
    const events = log.list({ after: seen, project_id, type: filter.type, limit: PAGE })
    return { items: events.map((event) => ({ kind: 'event', event })), isAll: events.length < PAGE }
  }

  async function catchUp(place: Place): Promise<void> {
    const { filter, follower } = place
    for (;;) {
      const { items, isAll } = past(place)
      let room = follower.room()
      for (const item of room === null ? items : []) {
        place.seen = item.event.seq
        if (isWanted(filter, aboutEvent(item.event), ownerOf)) follower.take(item)
        room = follower.room()
        if (place.isOver || room !== null) break
      }
      if (isAll && room === null) break
      // Where nothing in it was the follower's, nobody else would get a turn before the end of the log.
      await (room ?? nextTurn())
      if (place.isOver) return
    }
    if (!place.isOver) live.add(place)
  }

  function remove(place: Place): void {
    place.isOver = true
    places.delete(place)
    live.delete(place)
    if (places.size > 0) return
    clearInterval(heartbeat)
    heartbeat = undefined
  }

  return {
    follow(filter, follower) {
      const { after } = filter
      const seen = after === undefined ? log.lastSeq() : (log.seqOf(after) ?? 0)
      const place: Place = { filter, follower, seen, isOver: isClosed }
      if (isClosed) {
        follower.end()
        return () => undefined
      }
      listen()
      places.add(place)
      heartbeat ??= setInterval(beat, HEARTBEAT_MS)
      catchUp(place).catch((cause: unknown) => {
        report(cause)
        remove(place)
        follower.end()
      })
      return () => remove(place)
    },
    close() {
      isClosed = true
      for (const place of [...places]) {
        remove(place)
        place.follower.end()
      }
    },
  }
}
