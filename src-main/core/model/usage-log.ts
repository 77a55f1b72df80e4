import type { Tier } from '#contract/states.ts'
import { periodKeys } from '../budget/period.ts'
import { insertAlike } from '../store/insert-many.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { TokenUsage } from './provider.ts'

/** One call of a model to be written down (B5). */
export interface UsageNote {
  readonly provider: string
  readonly model: string
  readonly profile: string
  readonly project_id: number | null
  readonly task_id: number | null
  readonly run_id: number
  readonly step_id: number
  readonly reservation_id: number | null
  readonly tier: Tier | null
  readonly attempt: number
  readonly usage: TokenUsage
  readonly cost_micros: number
  readonly saved_micros: number
  /** Absent or null where the provider's cache was not used. */
  readonly cache_saved_micros?: number | null
  /** What it cost less by its batch; absent or null where it was asked directly. */
  readonly batch_saved_micros?: number | null
  readonly latency_ms: number
  /** `ok`, or the kind of the fault. */
  readonly outcome: string
  readonly unconfirmed: boolean
}

/** Writes calls of models down, in the transaction that ends them. */
export function createUsageLog(store: Store): (tx: Tx, note: UsageNote) => void {
  const insert = insertAlike(
    store.sqlite,
    'usage_log',
    [
      'ts',
      'day_key',
      'provider',
      'model',
      'profile',
      'tier',
      'outcome',
      'unconfirmed',
      'cache_saved_micros',
      'batch_saved_micros',
    ],
    [
      'project_id',
      'step_id',
      'attempt',
      'input_tokens',
      'output_tokens',
      'cache_write_tokens',
      'cache_read_tokens',
      'cost_micros',
      'saved_micros',
      'latency_ms',
      'task_id',
      'run_id',
      'reservation_id',
    ],
  )
  /** What the open change has noted. */
  let noted: Parameters<typeof insert>[0][number][] = []

  /** When it noted the first: what commits together happened at once. */
  let at = 0

  function writeNoted(): void {
    insert(noted)
    noted = []
  }

  return (tx, note) => {
    if (noted.length === 0) {
      at = Date.now()
      tx.atEnd(writeNoted, () => {
        noted = []
      })
    }
    noted.push([
      at,
      periodKeys(at).day_key,
      note.provider,
      note.model,
      note.profile,
      note.tier,
      note.outcome,
      note.unconfirmed ? 1 : 0,
      note.cache_saved_micros ?? null,
      note.batch_saved_micros ?? null,
      note.project_id,
      note.step_id,
      note.attempt,
      note.usage.input,
      note.usage.output,
      note.usage.cache_write_5m + note.usage.cache_write_1h,
      note.usage.cache_read,
      note.cost_micros,
      note.saved_micros,
      note.latency_ms,
      note.task_id,
      note.run_id,
      note.reservation_id,
    ])
  }
}
