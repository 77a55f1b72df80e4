import type { Tier } from '#contract/states.ts'
import { periodKeys } from '../budget/period.ts'
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
  readonly latency_ms: number
  /** `ok`, or the kind of the fault. */
  readonly outcome: string
  readonly unconfirmed: boolean
}

/** Writes calls of models down, in the transaction that ends them. */
export function createUsageLog(store: Store): (tx: Tx, note: UsageNote) => void {
  const insert = store.sqlite.prepare(
    `INSERT INTO usage_log (ts, day_key, provider, model, profile, project_id, task_id, run_id, step_id, reservation_id, tier,
       attempt, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, cost_micros, saved_micros, latency_ms, outcome, unconfirmed)
     VALUES (@ts, @day_key, @provider, @model, @profile, @project_id, @task_id, @run_id, @step_id, @reservation_id, @tier,
       @attempt, @input, @output, @cache_write, @cache_read, @cost_micros, @saved_micros, @latency_ms, @outcome, @unconfirmed)`,
  )
  return (_tx, { usage, unconfirmed, ...note }) => {
    const ts = Date.now()
    insert.run({
      ...note,
      ts,
      day_key: periodKeys(ts).day_key,
      input: usage.input,
      output: usage.output,
      cache_write: usage.cache_write_5m + usage.cache_write_1h,
      cache_read: usage.cache_read,
      unconfirmed: unconfirmed ? 1 : 0,
    })
  }
}
