import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StoredEvent } from '#contract/event.ts'
import type { StreamItem, TransientEvent } from '#contract/stream-item.ts'
import { toTimestamp } from '#contract/time.ts'
import { type EventLog, subjectKey } from './event-log.ts'
import { type About, aboutDelta, aboutEvent, isWanted, type StreamFilter } from './stream-filter.ts'

/** One who is told of what happens. None of its functions may throw. */
export interface Follower {
  /** Takes the next items, at once. Who want the same are given the same object, so that it need be put into bytes once. */
  take(items: readonly StreamItem[]): void
  /** When more of the past may be read: null is now. */
  room(): Promise<void> | null
  /** There will be nothing more: core closes, or the log cannot be read. */
  end(): void
}

/** What happens, for any number of followers: what a commit tells goes through all of them in one pass. */
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
  /** The same for all who want the same. */
  readonly wants: string
  readonly follower: Follower
  /** Sequence number of the last event that was looked at for them. */
  seen: number
  /** The first item that was told after they were a live one. */
  since: number
  isOver: boolean
}

/** What is told with the next pass. */
interface Untold {
  readonly item: StreamItem
  /** Null: everybody's. */
  readonly about: About | null
  /** Sequence number of an event; Infinity for what is in no log. */
  readonly seq: number
  /** Its place among all that was ever told. */
  readonly at: number
}

/** Events read at once from the log for one follower: what a line may have to hold beyond what its reader takes. */
const PAGE = 100
/** The last events in memory, so that a crowd that was cut off comes back without as many readings of the log. */
const RECENT = 1_000
const HEARTBEAT_MS = 15_000
/**
 * After a pass the next one waits this many times as long as it took. A write to a socket costs about the same for one event
 * as for ten, so a crowd that is told often is told more at once, in half of the time at most; a few readers notice nothing.
 */
const REST = 1
/** Longer than this nobody waits for what has happened. */
const MOST_REST_MS = 100
/** A timer is no more exact than this. */
const LEAST_REST_MS = 1

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
  const untold: Untold[] = []
  let told = 0
  let isDue = false
  /** By the clock of performance.now. */
  let restsUntil = 0
  let rest: NodeJS.Timeout | undefined

  function tell(item: StreamItem, about: About | null, seq = Number.POSITIVE_INFINITY): void {
    untold.push({ item, about, seq, at: told++ })
    if (isDue) return
    isDue = true
    const rest_ms = restsUntil - performance.now()
    // What one commit tells one after the other is told at once.
    if (rest_ms < LEAST_REST_MS) queueMicrotask(pass)
    else rest = setTimeout(pass, rest_ms)
  }

  function pass(): void {
    isDue = false
    const began = performance.now()
    try {
      while (untold.length > 0) tellAll(untold.splice(0, PAGE))
    } catch (cause) {
      // Nobody called this, so nobody would catch it. Who comes back with the last id misses nothing.
      report(cause)
      untold.length = 0
      endAll(live)
    }
    const ended = performance.now()
    restsUntil = ended + Math.min(REST * (ended - began), MOST_REST_MS)
  }

  function tellAll(news: readonly Untold[]): void {
    const owners = new Map<string, string | null>()
    // Asked for once, and only where somebody needs it.
    const ownerOnce = (id: string): string | null => {
      const known = owners.get(id)
      if (known !== undefined) return known
      const owner = ownerOf(id)
      owners.set(id, owner)
      return owner
    }
    const wantedOf = ({ filter }: Place, of: readonly Untold[]): StreamItem[] =>
      of.flatMap(({ item, about }) => (about === null || isWanted(filter, about, ownerOnce) ? [item] : []))
    const first = { at: news[0]?.at ?? 0, seq: Math.min(...news.map(({ seq }) => seq)) }
    const alike = new Map<string, readonly StreamItem[]>()
    const itemsFor = (place: Place): readonly StreamItem[] => {
      const { since, seen, wants } = place
      // Who became a live one meanwhile has read a part of this in the log.
      if (since > first.at || seen >= first.seq) {
        return wantedOf(
          place,
          news.filter(({ at, seq }) => at >= since && seq > seen),
        )
      }
      const items = alike.get(wants) ?? wantedOf(place, news)
      alike.set(wants, items)
      return items
    }
    for (const place of live) {
      const items = itemsFor(place)
      if (items.length > 0) place.follower.take(items)
    }
  }

  function onEvent(event: StoredEvent): void {
    const item: EventItem = { kind: 'event', event }
    recent.push(item)
    if (recent.length >= 2 * RECENT) recent = recent.slice(RECENT)
    if (live.size > 0) tell(item, aboutEvent(event), event.seq)
  }

  function onDelta(delta: TransientEvent): void {
    if (live.size > 0) tell({ kind: 'delta', delta }, aboutDelta(delta))
  }

  function beat(): void {
    if (live.size > 0) tell({ kind: 'heartbeat', ts: toTimestamp(Date.now()) }, null)
  }

  /** With the first follower, and for good: a process that nobody follows spares itself the work. */
  function listen(): void {
    if (isListening) return
    isListening = true
    log.onEvent(onEvent)
    log.onDelta(onDelta)
    log.onBeat(beat)
  }

  /** The next events behind `seen`, up to where was looked for them, and whether there are no more. */
  function past({ filter, seen }: Place): { items: readonly EventItem[]; looked: number; isAll: boolean } {
    const first = recent[0]?.event.seq
    if (first !== undefined && first <= seen + 1) {
      const behind = recent.filter(({ event }) => event.seq > seen)
      const items = behind.slice(0, PAGE)
      return { items, looked: items.at(-1)?.event.seq ?? seen, isAll: behind.length <= PAGE }
    }
    const project_id = subjectKey('project', filter.project_id)
    const page = log.page({ after: seen, project_id, type: filter.type, limit: PAGE })
    return { items: page.items.map((event) => ({ kind: 'event', event })), looked: page.seen, isAll: page.isAll }
  }

  async function catchUp(place: Place): Promise<void> {
    const { filter, follower } = place
    for (;;) {
      const { items, looked, isAll } = past(place)
      let room = follower.room()
      for (const item of room === null ? items : []) {
        place.seen = item.event.seq
        if (isWanted(filter, aboutEvent(item.event), ownerOf)) follower.take([item])
        room = follower.room()
        if (place.isOver || room !== null) break
      }
      if (room === null && !place.isOver) place.seen = looked
      if (isAll && room === null) break
      // Where nothing in it was the follower's, nobody else would get a turn before the end of the log.
      await (room ?? nextTurn())
      if (place.isOver) return
    }
    if (place.isOver) return
    place.since = told
    live.add(place)
  }

  function endAll(some: ReadonlySet<Place>): void {
    for (const place of [...some]) {
      remove(place)
      place.follower.end()
    }
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
      const wants = JSON.stringify([filter.project_id, filter.type, filter.owner])
      const place: Place = { filter, wants, follower, seen, since: 0, isOver: isClosed }
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
      clearTimeout(rest)
      pass()
      endAll(places)
    },
  }
}
