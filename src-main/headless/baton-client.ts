import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '#contract/contract.ts'
import type { StreamItem } from '#contract/event.ts'
import type { HostedCore } from '#http/host-core.ts'

export type Api = ContractRouterClient<Contract>

/** The typed way to a core, whether it lives in another process or in this one. */
export interface BatonClient {
  readonly api: Api
  /** The core that this process keeps; null where the client is attached to another's. */
  readonly hosted: HostedCore | null
  /**
   * Everything after `after`, then everything as it happens; goes on by itself after a lost line.
   * Ends when `signal` aborts; throws where the core is gone.
   */
  events(filter: { after: string; project_id?: string }, signal: AbortSignal): AsyncIterable<StreamItem>
  /** Ends the core where it is ours, with `graceMs` for steps to finish. */
  close(graceMs?: number): Promise<{ clean: boolean }>
}
