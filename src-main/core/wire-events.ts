import type { StoredEvent } from '#contract/event.ts'
import type { Core, EventFilter } from './core.ts'
import type { EventFeed } from './event/event-feed.ts'
import { type EventLog, ownedBy, subjectKey } from './event/event-log.ts'
import { streamEvents } from './event/event-stream.ts'

export interface EventWiring {
  readonly events: EventLog
  readonly feed: EventFeed
  ownerOf(projectId: string): string | null
  /** Ends every stream. */
  readonly closing: AbortSignal
}

/** Events as they are asked for, each reader's own alone where the filter names an owner. */
export function wireEvents({ events, feed, ownerOf, closing }: EventWiring): Core['events'] {
  const isOwn = (event: StoredEvent, owner: string | null): boolean => {
    const id = ownedBy(event)
    return owner === null || (id !== null && ownerOf(id) === owner)
  }
  return {
    list(filter: EventFilter, limit) {
      const after = filter.after === undefined ? 0 : (events.seqOf(filter.after) ?? 0)
      const project_id = subjectKey('project', filter.project_id)
      // One more than is shown, so that no cursor leads to an empty page where all was looked at.
      const { items, seen, isAll } = events.page({ after, project_id, type: filter.type, limit: limit + 1 })
      const page = items.slice(0, limit)
      const next = items.length > limit ? (page.at(-1)?.seq ?? after) : seen
      const next_cursor = isAll ? null : events.id(next)
      return { items: page.filter((event) => isOwn(event, filter.owner ?? null)), next_cursor }
    },
    stream: (filter, signal) => streamEvents(events, filter, AbortSignal.any([signal, closing]), ownerOf),
    follow: feed.follow,
    lastId: () => events.id(events.lastSeq()),
  }
}
