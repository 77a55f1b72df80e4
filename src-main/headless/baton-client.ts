import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '#contract/contract.ts'
import type { StreamItem } from '#contract/stream-item.ts'
import type { HostedCore } from '#http/host-core.ts'

export type Api = ContractRouterClient<Contract>

/** The core that a client was attached to has ended; what it did is in the data folder, for the next one to go on with. */
export class CoreGone extends Error {}

/** The typed way to a core, whether it lives in another process or in this one. */
export interface BatonClient {
  readonly api: Api
  /** The core that this process keeps; null where the client is attached to another's. */
  readonly hosted: HostedCore | null
  /**
   * Everything after `after`, then everything as it happens; goes on by itself after a lost line.
   * Ends when `signal` aborts; throws `CoreGone`, as every call does, where the core is gone.
   */
  events(filter: { after: string; project_id?: string }, signal: AbortSignal): AsyncIterable<StreamItem>
  /**
   * Lets these projects go on, where the core is of this process; a living core of another takes them up when it is told
   * to plan, approve, start or resume them.
   */
  takeUp(projects: readonly string[]): void
  /** Ends the core where it is ours, with `graceMs` for steps to finish. */
  close(graceMs?: number): Promise<{ clean: boolean }>
}
