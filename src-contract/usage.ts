import { z } from 'zod'
import { projectId, runId, taskId } from './ids.ts'
import { micros } from './money.ts'
import { tier } from './states.ts'
import { timestamp } from './time.ts'

/** One call of a model, as it was settled. */
export const usageEntry = z.object({
  id: z.number().int(),
  ts: timestamp,
  provider: z.string(),
  model: z.string(),
  profile: z.string(),
  project_id: projectId.nullable(),
  task_id: taskId.nullable(),
  run_id: runId.nullable(),
  tier: tier.nullable(),
  attempt: z.number().int(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cache_write_tokens: z.number().int(),
  cache_read_tokens: z.number().int(),
  cost_micros: micros,
  /** What the same tokens would have cost on the paid tier that this work would have gone to; 0 for paid calls. */
  saved_micros: micros,
  /** What the provider's prompt cache saved of the cost; negative where filling it cost more (R5). */
  cache_saved_micros: z.number().int(),
  /** What it cost less than asked directly; null where it was asked directly (R5). */
  batch_saved_micros: micros.nullable(),
  latency_ms: z.number().int(),
  outcome: z.string(),
  /** The reply was lost, so the most that the call can have cost is booked; a person may correct it. */
  unconfirmed: z.boolean(),
})
export type UsageEntry = z.infer<typeof usageEntry>

/** What an unconfirmed call really cost, as the provider's bill says. */
export const correctUsage = z.strictObject({ id: z.coerce.number().int().positive(), cost_micros: micros })

export const usageGroup = z.enum(['day', 'month', 'project', 'model', 'task', 'tier'])
export type UsageGroup = z.infer<typeof usageGroup>

export const usageRow = z.object({
  key: z.string(),
  label: z.string(),
  calls: z.number().int(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_micros: micros,
  saved_micros: micros,
  cache_saved_micros: z.number().int(),
  batch_saved_micros: micros,
  /** Part of the cost that no provider has confirmed. */
  unconfirmed_micros: micros,
})
export type UsageRow = z.infer<typeof usageRow>

/** At most 500 rows, the newest days and months or the dearest of all else; the total is of all. */
export const usageSums = z.object({
  rows: z.array(usageRow),
  total: usageRow,
  /** How many rows there are, listed or not. */
  row_count: z.number().int(),
})
export type UsageSums = z.infer<typeof usageSums>
