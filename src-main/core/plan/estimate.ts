import type { EstimateBasis, PlanDocument, PlanEstimate, PlanTask, TaskEstimate } from '#contract/plan.ts'
import type { Tier } from '#contract/states.ts'
import type { Calibration, Forecast } from './calibration.ts'
import { evenlySpread } from './evenly-spread.ts'
import { createSchedule } from './schedule.ts'

/** What an estimate is about. */
export const MEASURES = ['cost', 'time', 'tokens'] as const
export type Measure = (typeof MEASURES)[number]

/** Tasks that are estimated alike. The columns have equally likely tasks side by side: cost in micro-dollars, time in ms. */
export interface TaskKind {
  readonly tier: Tier
  readonly profile: string | null
  readonly paid: boolean
  /** How many tasks that profile takes at once. */
  readonly places: number
  readonly basis: EstimateBasis
  readonly basis_samples: number
  readonly samples: number
  readonly cost: Float64Array
  readonly tokens: Float64Array
  readonly ms: Float64Array
  readonly input_tokens: number
  readonly output_tokens: number
  /** What the budget sets aside for one of its calls; 0 where it is free. */
  readonly call_micros: number
}

export interface EstimateSources {
  /** The same object for tasks of the same kind. */
  kind(task: PlanTask): TaskKind
  calibration(measure: Measure): Calibration
  /** How many tasks may run at once, at least 1. */
  readonly concurrency: number
}

export interface Estimated {
  readonly estimate: Omit<PlanEstimate, 'sureness' | 'calibrated_by' | 'past'>
  /** What was drawn, before past errors corrected it. */
  readonly forecasts: Readonly<Record<Measure, Forecast>>
}

/** The share of projects that stay below what an approval authorises. */
export const AUTHORISED_SHARE = 0.98
const LOW = 0.1
const LIKELY = 0.5
const HIGH = 0.9
/** Draws for a plan, fewer for a large one: adding up many tasks leaves less to chance. */
const MOST_DRAWS = 1_000
const FEWEST_DRAWS = 60
const TASKS_DRAWN = 30_000
/** The same plan on the same history gets the same estimate. */
const SEED = 4

/**
 * What a plan will probably use (P4). Its tasks are drawn from like ones again and again; each time their costs and tokens are
 * added up and their times laid into the graph. What that gives is corrected by how far past estimates were off.
 */
export function estimatePlan(document: PlanDocument, sources: EstimateSources): Estimated {
  const kinds = document.tasks.map((task) => sources.kind(task))
  const drawn = draw(document, kinds, sources.concurrency)
  const forecasts = { cost: forecastOf(drawn.cost), time: forecastOf(drawn.time), tokens: forecastOf(drawn.tokens) }
  const at = (measure: Measure, share: number): number => {
    // What mostly costs nothing, but is now and then handed on to a paid model, has no middle to correct.
    if (forecasts[measure].centre === 0) return percentile(drawn[measure], share)
    return Math.ceil(sources.calibration(measure)(forecasts[measure], share))
  }
  const call_micros = Math.max(0, ...kinds.map((kind) => kind.call_micros))
  const likely_tokens = at('tokens', LIKELY)
  const tasks = describe(document, kinds)
  return {
    forecasts,
    estimate: {
      low_micros: at('cost', LOW),
      likely_micros: at('cost', LIKELY),
      high_micros: at('cost', HIGH),
      upper_micros: at('cost', AUTHORISED_SHARE) + call_micros,
      call_micros,
      low_ms: at('time', LOW),
      likely_ms: at('time', LIKELY),
      high_ms: at('time', HIGH),
      low_tokens: at('tokens', LOW),
      likely_tokens,
      high_tokens: at('tokens', HIGH),
      tokens_by_tier: tokensByTier(tasks, likely_tokens),
      samples: [...new Set(kinds)].reduce((sum, kind) => sum + kind.samples, 0),
      tasks,
    },
  }
}

/** Totals of the plan, in order. */
function draw(document: PlanDocument, kinds: readonly TaskKind[], places: number): Record<Measure, Float64Array> {
  const draws = Math.min(MOST_DRAWS, Math.max(FEWEST_DRAWS, Math.floor(TASKS_DRAWN / kinds.length)))
  const next = evenlySpread(SEED)
  const lanes = kinds.map((kind) => ({ name: kind.profile ?? kind.tier, places: kind.places }))
  const schedule = createSchedule(document, places, lanes)
  const times = new Float64Array(kinds.length)
  const cost = new Float64Array(draws)
  const tokens = new Float64Array(draws)
  const time = new Float64Array(draws)
  for (let index = 0; index < draws; index += 1) {
    let micros = 0
    let used = 0
    for (const [task, kind] of kinds.entries()) {
      const drawn = Math.floor(next() * kind.ms.length)
      micros += kind.cost[drawn] ?? 0
      used += kind.tokens[drawn] ?? 0
      times[task] = kind.ms[drawn] ?? 0
    }
    cost[index] = micros
    tokens[index] = used
    time[index] = schedule(times)
  }
  return { cost: cost.sort(), tokens: tokens.sort(), time: time.sort() }
}

function forecastOf(sorted: Float64Array): Forecast {
  const logs = sorted.map((value) => Math.log(Math.max(value, 1)))
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length
  return { centre: percentile(sorted, LIKELY), spread: Math.sqrt(variance) }
}

/** Nearest rank. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

function describe(document: PlanDocument, kinds: readonly TaskKind[]): TaskEstimate[] {
  const known = new Map<TaskKind, Omit<TaskEstimate, 'key'>>()
  return document.tasks.flatMap((task, index) => {
    const kind = kinds[index]
    if (kind === undefined) return []
    const ofKind = known.get(kind) ?? describeKind(kind)
    known.set(kind, ofKind)
    return [{ key: task.key, ...ofKind }]
  })
}

function describeKind(kind: TaskKind): Omit<TaskEstimate, 'key'> {
  const cost = kind.cost.toSorted()
  const ms = kind.ms.toSorted()
  return {
    tier: kind.tier,
    profile: kind.profile,
    paid: kind.paid,
    input_tokens: kind.input_tokens,
    output_tokens: kind.output_tokens,
    low_micros: percentile(cost, LOW),
    likely_micros: percentile(cost, LIKELY),
    high_micros: percentile(cost, HIGH),
    low_ms: percentile(ms, LOW),
    likely_ms: percentile(ms, LIKELY),
    high_ms: percentile(ms, HIGH),
    basis: kind.basis,
    samples: kind.basis_samples,
  }
}

/** Shares the likely tokens of the whole out by what the tasks of each tier use. */
function tokensByTier(tasks: readonly TaskEstimate[], likely: number): Record<Tier, number> {
  const byTier: Record<Tier, number> = { local: 0, fast: 0, strong: 0 }
  for (const task of tasks) byTier[task.tier] += task.input_tokens + task.output_tokens
  const all = byTier.local + byTier.fast + byTier.strong
  const share = (tokens: number): number => (all === 0 ? 0 : Math.round((likely * tokens) / all))
  return { local: share(byTier.local), fast: share(byTier.fast), strong: share(byTier.strong) }
}
