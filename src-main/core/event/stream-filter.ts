import type { StoredEvent } from '#contract/event.ts'
import type { TransientEvent } from '#contract/stream-item.ts'
import { ownedBy } from './event-log.ts'

/** What of all that happens a reader wants, and may have. */
export interface StreamFilter {
  readonly after?: string | undefined
  readonly project_id?: string | undefined
  readonly type?: string | undefined
  /** Only events of this owner's projects and jobs; null or absent: all. */
  readonly owner?: string | null | undefined
}

/** What an item is about. */
export interface About {
  /** Null: nothing that is stored, such as output as it streams. */
  readonly type: string | null
  readonly project_id: string | null
  /** The id whose owner it belongs to. */
  readonly owned: string | null
}

export function aboutEvent(event: StoredEvent): About {
  return { type: event.type, project_id: event.project_id, owned: ownedBy(event) }
}

export function aboutDelta({ project_id }: Pick<TransientEvent, 'project_id'>): About {
  return { type: null, project_id, owned: project_id }
}

/** Whether an item is for a reader (S6). `ownerOf` is asked only where that decides. */
export function isWanted(filter: StreamFilter, about: About, ownerOf: (id: string) => string | null): boolean {
  if (filter.project_id !== undefined && filter.project_id !== about.project_id) return false
  if (filter.type !== undefined && filter.type !== about.type) return false
  return filter.owner == null || (about.owned !== null && ownerOf(about.owned) === filter.owner)
}
