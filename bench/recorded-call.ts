import { phase as phaseName } from '#contract/states.ts'
import type { UsageNote } from '#core/model/usage-log.ts'

type Call = Omit<UsageNote, 'project_id' | 'task_id' | 'run_id' | 'reservation_id'> & { worst_micros: number }

/** The paid call that each task of the benchmark is booked with, by Baton as by straight SQLite. */
export const CALL: Call = {
  provider: 'anthropic',
  model: 'claude',
  profile: 'instant',
  step_id: 0,
  tier: 'local',
  attempt: 1,
  usage: { input: 1_200, output: 300, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0 },
  worst_micros: 900,
  cost_micros: 700,
  saved_micros: 0,
  latency_ms: 12,
  outcome: 'ok',
  unconfirmed: false,
}

/** The boundaries of a run of a planned task that needs no repair (G1). */
export const PHASES = phaseName.options
  .filter((node) => node !== 'repair')
  .flatMap((node) => (['started', 'completed'] as const).map((phase) => ({ node, phase })))
