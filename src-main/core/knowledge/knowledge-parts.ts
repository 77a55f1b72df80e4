import type { SearchQuery, SearchResult } from '#contract/knowledge.ts'
import type { Result } from '#contract/result.ts'
import type { Core, Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Refusal } from '../refusal.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { Store } from '../store/store.ts'
import type { EmbedParts } from './embed-on-card.ts'

export const KNOWLEDGE_FILE = 'knowledge.db'

/** What knowledge stands on. */
export interface KnowledgeParts extends EmbedParts {
  readonly data_dir: string
  readonly store: Store
  readonly events: EventLog
  readonly blobs: BlobStore
  readonly log: Log
}

/** Searching, as tools and contexts need it. `project_id`: key of the project, whose knowledge is searched with everybody's. */
export interface SearchKnowledge {
  search(
    query: Omit<SearchQuery, 'project_id'> & { readonly project_id: number | null },
    signal: AbortSignal,
  ): Promise<Result<SearchResult, Refusal>>
}

export interface Knowledge extends SearchKnowledge {
  readonly routes: Core['knowledge']
  /** Goes on with what a dead core was reading, and follows what is to be followed. */
  begin(): Promise<void>
  /** Takes away what was read of sources that are gone. */
  forgetRemoved(): Promise<void>
  close(): Promise<void>
}
