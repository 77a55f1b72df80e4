import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ImageShelf } from '../image/image-shelf.ts'
import type { ModelProvider } from '../model/provider.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { EndParts } from './end-request.ts'

/** What the loop of batches stands on. */
export interface BatchParts extends EndParts {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly board: ProviderBoard
  readonly images: Pick<ImageShelf, 'base64'>
  readonly log: Log
  provider(id: string): ModelProvider | undefined
  /** Whether this core was asked to let work of a project go on. */
  isAllowed(projectId: number): boolean
}

/** Ends what is asked of a provider: questions when Baton stops, a batch that is on its way when it is out of patience. */
export interface BatchSignals {
  readonly asking: AbortSignal
  readonly sending: AbortSignal
}
