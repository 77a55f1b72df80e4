import type { EstimateErrors, PlanActual } from '#contract/plan.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { PastForecast } from './calibration.ts'
import { type Estimated, MEASURES, type Measure } from './estimate.ts'

/** An estimate whose project has ended: what was shown, what was drawn, and what it came to. */
export interface PastEstimate extends PastForecast {
  readonly low: number
  readonly likely: number
  readonly high: number
}

/** Estimates at their approval and what they came to (P4). `stand_in`: of the demo model alone. */
export interface PlanOutcomes {
  /** An estimate was approved. `before`: what the project had used then, where its plan was changed. */
  open(
    tx: Tx,
    planId: number,
    estimated: Pick<Estimated, 'estimate' | 'forecasts'>,
    stand_in: boolean,
    before?: Readonly<Record<Measure, number>>,
  ): void
  /** What a project has used that no estimate of these open tasks covers; `ms` is how long it was executing. */
  usedBefore(projectId: number, ms: number, open: readonly number[]): Record<Measure, number>
  /** All tasks of the plan have succeeded; `null` where they have not, or no longer have. `ms`: how long it was executing. */
  settle(tx: Tx, planId: number, projectId: number, ms: number | null): void
  /** The newest plans that tell, newest first. */
  past(measure: Measure, stand_in: boolean): PastEstimate[]
  actual(planId: number): PlanActual | null
  /** The upper ends of what was shown at the approval of a plan, with what was used before; null where it was approved before they were written down. */
  shown(planId: number): { high_micros: number; high_ms: number } | null
}

/** With 99 past projects, a tenth of a hundred places in a row is a whole number of them; more would follow changes too slowly. */
const LOOKED_BACK = 99
const NOTHING: Readonly<Record<Measure, number>> = { cost: 0, time: 0, tokens: 0 }
/** Of which the errors are shown. */
const SHOWN = 24

export function createPlanOutcomes({ sqlite }: Store): PlanOutcomes {
  const open = sqlite.prepare(
    `INSERT OR REPLACE INTO estimate_outcome (plan_id, measure, stand_in, low, likely, high, centre, spread, used_before)
     VALUES (@plan_id, @measure, @stand_in, @low, @likely, @high, @centre, @spread, @used_before)`,
  )
  const settle = sqlite.prepare(
    'UPDATE estimate_outcome SET actual = max(0, ? - used_before) WHERE plan_id = ? AND measure = ?',
  )
  // Planning came before the approval, and was not estimated.
  const used = sqlite.prepare<[number, string], { cost: number; tokens: number }>(
    `SELECT coalesce(sum(u.cost_micros), 0) AS cost,
       coalesce(sum(u.input_tokens + u.cache_write_tokens + u.cache_read_tokens + u.output_tokens), 0) AS tokens
     FROM usage_log u JOIN run r ON r.id = u.run_id WHERE u.project_id = ? AND r.kind <> 'plan'
       AND (u.task_id IS NULL OR u.task_id NOT IN (SELECT value FROM json_each(?)))`,
  )
  const past = sqlite.prepare<[number, string, number], PastEstimate>(
    `SELECT low, likely, high, centre, spread, actual FROM estimate_outcome
     WHERE stand_in = ? AND measure = ? AND actual IS NOT NULL AND centre > 0 ORDER BY plan_id DESC LIMIT ?`,
  )
  const actual = sqlite.prepare<[number], { measure: Measure; actual: number }>(
    'SELECT measure, actual FROM estimate_outcome WHERE plan_id = ? AND actual IS NOT NULL',
  )
  const high = sqlite.prepare<[number], { measure: Measure; high: number }>(
    'SELECT measure, high + used_before AS high FROM estimate_outcome WHERE plan_id = ?',
  )
  return {
    open(_tx, plan_id, { estimate, forecasts }, stand_in, before = NOTHING) {
      const shown: Record<Measure, { low: number; likely: number; high: number }> = {
        cost: { low: estimate.low_micros, likely: estimate.likely_micros, high: estimate.high_micros },
        time: { low: estimate.low_ms, likely: estimate.likely_ms, high: estimate.high_ms },
        tokens: { low: estimate.low_tokens, likely: estimate.likely_tokens, high: estimate.high_tokens },
      }
      for (const measure of MEASURES) {
        const used_before = before[measure]
        const figures = { ...shown[measure], ...forecasts[measure], used_before }
        open.run({ plan_id, measure, stand_in: stand_in ? 1 : 0, ...figures })
      }
    },
    usedBefore(projectId, ms, open) {
      const { cost, tokens } = used.get(projectId, JSON.stringify(open)) ?? NOTHING
      return { cost, time: ms, tokens }
    },
    settle(_tx, planId, projectId, ms) {
      const total = ms === null ? undefined : used.get(projectId, '[]')
      const came = { cost: total?.cost ?? null, time: total === undefined ? null : ms, tokens: total?.tokens ?? null }
      for (const measure of MEASURES) settle.run(came[measure], planId, measure)
    },
    past: (measure, stand_in) => past.all(stand_in ? 1 : 0, measure, LOOKED_BACK),
    actual(planId) {
      const rows = new Map(actual.all(planId).map((row) => [row.measure, row.actual]))
      const [cost_micros, ms, tokens] = [rows.get('cost'), rows.get('time'), rows.get('tokens')]
      return cost_micros === undefined || ms === undefined || tokens === undefined ? null : { cost_micros, ms, tokens }
    },
    shown(planId) {
      const rows = new Map(high.all(planId).map((row) => [row.measure, row.high]))
      const [high_micros, high_ms] = [rows.get('cost'), rows.get('time')]
      return high_micros === undefined || high_ms === undefined ? null : { high_micros, high_ms }
    },
  }
}

/** How the newest of these estimates turned out; null where there are none. */
export function errorsOf(past: readonly PastEstimate[]): EstimateErrors | null {
  const shown = past.slice(0, SHOWN)
  const errors = shown
    .map(({ likely, actual }) => (actual - likely) / Math.max(likely, 1))
    .toSorted((one, other) => one - other)
  const [lower, upper] = [errors[Math.floor((errors.length - 1) / 2)], errors[Math.floor(errors.length / 2)]]
  if (lower === undefined || upper === undefined) return null
  const held = shown.filter(({ low, high, actual }) => low <= actual && actual <= high).length
  return { estimates: shown.length, held, median_error: Math.round(((lower + upper) / 2) * 1_000) / 1_000 }
}
