import type { PlanDocument } from '../../src-contract/plan.ts'
import { MEASURES, type Measure } from '../../src-main/core/plan/estimate.ts'
import type { TaskUse } from '../../src-main/core/plan/past-tasks.ts'
import type { EstimatePlan } from '../../src-main/core/plan/plan-estimates.ts'
import { type Came, costOf, type EstimateBench, NOBODY, openEstimateBench } from './estimate-bench.ts'
import { createProjectWorld, type ProjectWorld } from './project-world.ts'

export interface Simulation {
  readonly projects: number
  readonly seed: number
  /** How much more tasks use in project `index` than in the first; 1 where nothing drifts. */
  level?(index: number): number
  /** Whether the ideal interval is worked out too, which takes longer than all else. */
  readonly ideal?: boolean
}

/** One estimate and what it came to, in one measure. `ideal_log_width`: of the interval that the known distribution has. */
export interface Trial {
  readonly index: number
  readonly measure: Measure
  readonly low: number
  readonly likely: number
  readonly high: number
  readonly actual: number
  readonly log_width: number
  readonly ideal_log_width: number | null
}

export interface SimulationResult {
  readonly trials: readonly Trial[]
  /** Projects that would have asked for more money than their approval authorised, by project. */
  readonly asked_again: readonly boolean[]
  /** How long each estimate took. */
  readonly estimate_ms: readonly number[]
}

const IDEAL_DRAWS = 300

/** One project as it goes: the same factors for all of its tasks. */
function live(bench: EstimateBench, world: ProjectWorld, document: PlanDocument, level: number): Came {
  const factors = world.factors()
  const uses = document.tasks.map((task) => world.use(task, bench.routeOf(task).tier, factors, level))
  const summary = world.summary()
  const tasks = world.makespan(
    document,
    uses.map((use) => use.ms),
    bench.fits,
  )
  return { uses, summary, ms: tasks + summary.ms }
}

function totals(bench: EstimateBench, document: PlanDocument, { uses, summary, ms }: Came): Record<Measure, number> {
  const all = (use: TaskUse): number =>
    use.input_tokens + use.cache_write_tokens + use.cache_read_tokens + use.output_tokens
  const costs = document.tasks.map((task, index) => {
    const use = uses[index]
    return use === undefined ? 0 : costOf(bench.prices, bench.routeOf(task).profile, use)
  })
  return {
    cost: costs.reduce((sum, cost) => sum + cost, 0),
    tokens: uses.reduce((sum, use) => sum + all(use), summary.input_tokens + summary.output_tokens),
    time: ms,
  }
}

/** The interval that the known distribution has, as the width of its logarithm. */
function idealLogWidths(
  bench: EstimateBench,
  world: ProjectWorld,
  document: PlanDocument,
  level: number,
): Record<Measure, number> {
  const drawn = Array.from({ length: IDEAL_DRAWS }, () => totals(bench, document, live(bench, world, document, level)))
  const width = (measure: Measure): number => {
    const sorted = drawn.map((each) => each[measure]).toSorted((one, other) => one - other)
    return Math.log((sorted[Math.round(IDEAL_DRAWS * 0.9)] ?? 1) / (sorted[Math.round(IDEAL_DRAWS * 0.1)] ?? 1))
  }
  return { cost: width('cost'), time: width('time'), tokens: width('tokens') }
}

/** Lets projects be estimated, done and learned from, one after the other, through the product's own estimator and store. */
export async function simulateEstimates(simulation: Simulation): Promise<SimulationResult> {
  const bench = openEstimateBench()
  const world = createProjectWorld(simulation.seed)
  const ideals = createProjectWorld(simulation.seed + 1)
  const trials: Trial[] = []
  const asked_again: boolean[] = []
  const estimate_ms: number[] = []
  try {
    for (let index = 0; index < simulation.projects; index += 1) {
      const document = world.plan()
      const level = simulation.level?.(index) ?? 1
      const began = performance.now()
      const quoted = bench.estimate(document, NOBODY)
      estimate_ms.push(performance.now() - began)
      const came = live(bench, world, document, level)
      const actual = totals(bench, document, came)
      const ideal = simulation.ideal === true ? idealLogWidths(bench, ideals, document, level) : null
      for (const measure of MEASURES) {
        const { low, likely, high } = shown(quoted, measure)
        // A plan that costs nothing has nothing to be wrong about.
        if (high === 0) continue
        const log_width = Math.log(high / Math.max(low, 1))
        const ideal_log_width = ideal?.[measure] ?? null
        trials.push({ index, measure, low, likely, high, actual: actual[measure], log_width, ideal_log_width })
      }
      asked_again.push(actual.cost > quoted.estimate.upper_micros - quoted.estimate.call_micros)
      await bench.finish(document, quoted, came)
    }
  } finally {
    bench.close()
  }
  return { trials, asked_again, estimate_ms }
}

function shown(
  { estimate }: ReturnType<EstimatePlan>,
  measure: Measure,
): { low: number; likely: number; high: number } {
  if (measure === 'cost')
    return { low: estimate.low_micros, likely: estimate.likely_micros, high: estimate.high_micros }
  if (measure === 'time') return { low: estimate.low_ms, likely: estimate.likely_ms, high: estimate.high_ms }
  return { low: estimate.low_tokens, likely: estimate.likely_tokens, high: estimate.high_tokens }
}

/** The share of a measure's trials from project `from` up to `to` whose actual value lay between `low` and `high`. */
export function coverage(
  result: SimulationResult,
  measure: Measure,
  from: number,
  to = Number.POSITIVE_INFINITY,
): number {
  const of = result.trials.filter((trial) => trial.measure === measure && trial.index >= from && trial.index < to)
  return of.filter(({ low, high, actual }) => low <= actual && actual <= high).length / of.length
}
