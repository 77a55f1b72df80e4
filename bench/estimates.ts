import { complexity, taskType, tier } from '../src-contract/states.ts'
import { MEASURES } from '../src-main/core/plan/estimate.ts'
import { type EstimateBench, NOBODY, openEstimateBench } from '../tests/support/estimate-bench.ts'
import { coverage, type SimulationResult, simulateEstimates } from '../tests/support/estimate-simulation.ts'
import { createProjectWorld } from '../tests/support/project-world.ts'
import { median, percentile } from './figures.ts'

const PROJECTS = 2_000
/** Until then the errors of past projects are partly assumed, and the window of them is not full. */
const BURN_IN = 100
const SEED = 1
/** From `begins` to `ends` all tasks come to use more and more, up to `level` times as much. */
const DRIFT = { projects: 2_000, begins: 1_000, ends: 1_200, level: 1.6 }
const HISTORY = 100_000
const ASKED = 200

/**
 * Whether estimates hold what they say: projects with known distributions are estimated, done and learned from one after the
 * other, through the product's own estimator and database. Widths are those of logarithms: 1.05 is 5 % wider than ideal.
 */
export async function benchEstimates(rounds: number): Promise<string[]> {
  const lines: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const seed = SEED + round
    const result = await simulateEstimates({ projects: PROJECTS, seed, ideal: true })
    const covered = MEASURES.map((measure) => `${measure}=${percent(coverage(result, measure, BURN_IN))}`)
    const wide = MEASURES.map((measure) => `${measure}=${widthAgainstIdeal(result, measure).toFixed(2)}`)
    const off = MEASURES.map((measure) => `${measure}=${percent(medianError(result, measure))}`)
    const begun = MEASURES.map((measure) => `${measure}=${percent(coverage(result, measure, 0, BURN_IN))}`)
    const asked = result.asked_again.slice(BURN_IN)
    lines.push(
      `estimates projects=${PROJECTS} seed=${seed} burn_in=${BURN_IN} p10_to_p90_holds ${covered.join(' ')}`,
      `estimates seed=${seed} during_burn_in ${begun.join(' ')}`,
      `estimates seed=${seed} log_width_of_ideal ${wide.join(' ')}`,
      `estimates seed=${seed} median_error ${off.join(' ')}`,
      `estimates seed=${seed} asked_again=${percent(asked.filter(Boolean).length / asked.length)}`,
    )
  }
  return [...lines, await drift(), ...history()]
}

async function drift(): Promise<string> {
  const { projects, begins, ends, level } = DRIFT
  const share = (index: number): number => Math.min(1, Math.max(0, (index - begins) / (ends - begins)))
  const result = await simulateEstimates({ projects, seed: SEED, level: (index) => 1 + (level - 1) * share(index) })
  const during = MEASURES.map((measure) => `${measure}=${percent(coverage(result, measure, begins, ends))}`)
  const after = MEASURES.map((measure) => `${measure}=${percent(coverage(result, measure, ends))}`)
  return `estimates drift to ${level} times in ${ends - begins} projects: during ${during.join(' ')}, after ${after.join(' ')}`
}

/** How long an estimate takes with and without a long history behind it. */
function history(): string[] {
  const bench = openEstimateBench()
  try {
    const small = [8, 100, 1_000].map((tasks) => timed(bench, tasks, 0))
    fill(bench)
    return [...small, ...[8, 100, 1_000].map((tasks) => timed(bench, tasks, HISTORY))]
  } finally {
    bench.close()
  }
}

function timed(bench: EstimateBench, size: number, past: number): string {
  const world = createProjectWorld(SEED)
  const tasks = Array.from({ length: size }, (_, index) => {
    const [task] = world.plan().tasks
    if (task === undefined) throw new Error('A simulated plan has no task')
    return { ...task, key: `t${index}`, depends_on: index < 4 ? [] : [`t${index - 4}`] }
  })
  const document = { title: 'A large plan', summary: '', tasks }
  // The first ones are still being compiled.
  for (let index = 0; index < ASKED / 10; index += 1) bench.estimate(document, NOBODY)
  const used = process.cpuUsage()
  const took = Array.from({ length: ASKED }, () => {
    const began = performance.now()
    bench.estimate(document, NOBODY)
    return performance.now() - began
  })
  const { user, system } = process.cpuUsage(used)
  const figures = [
    `median_ms=${median(took).toFixed(1)}`,
    `p99_ms=${percentile(took, 0.99).toFixed(1)}`,
    `processor_ms=${((user + system) / 1_000 / ASKED).toFixed(1)}`,
  ]
  return `estimates past_tasks=${past} tasks=${size} ${figures.join(' ')}`
}

/** Past tasks of all classes alike, and past projects. */
function fill({ store }: EstimateBench): void {
  const words = (all: readonly string[]): string => all.map((word) => `('${word}')`).join(', ')
  const classes = tier.options.length * complexity.options.length * taskType.options.length
  store.sqlite.exec(`
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${Math.ceil(HISTORY / classes)})
    INSERT INTO past_task (stand_in, tier, complexity, type, profile, input_tokens, cache_write_tokens, cache_read_tokens,
      output_tokens, call_tokens, cost_micros, ms, ended_at)
    SELECT 0, tier.column1, complexity.column1, type.column1, 'claude-haiku', 1000 + n, 0, n, 100 + n, 500 + n, n, 100 * n, 1
    FROM number, (VALUES ${words(tier.options)}) tier, (VALUES ${words(complexity.options)}) complexity,
      (VALUES ${words(taskType.options)}) type;
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${HISTORY / 8})
    INSERT INTO estimate_outcome (plan_id, measure, stand_in, low, likely, high, centre, spread, actual)
    SELECT n, measure.column1, 0, 50, 100, 200, 100, 0.3, 40 + n % 200 FROM number, (VALUES ${words(MEASURES)}) measure`)
}

function widthAgainstIdeal(result: SimulationResult, measure: (typeof MEASURES)[number]): number {
  const of = result.trials.filter((trial) => trial.measure === measure && trial.index >= BURN_IN)
  const ideal = of.reduce((sum, { ideal_log_width }) => sum + (ideal_log_width ?? 0), 0)
  return of.reduce((sum, { log_width }) => sum + log_width, 0) / ideal
}

function medianError(result: SimulationResult, measure: (typeof MEASURES)[number]): number {
  const of = result.trials.filter((trial) => trial.measure === measure && trial.index >= BURN_IN)
  return median(of.map(({ likely, actual }) => (actual - likely) / likely))
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}
