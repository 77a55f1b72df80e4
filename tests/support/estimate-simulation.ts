import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlanDocument, PlanTask } from '../../src-contract/plan.ts'
import type { Tier } from '../../src-contract/states.ts'
import { createAnthropicProvider } from '../../src-main/core/model/anthropic.ts'
import { createModelCatalog } from '../../src-main/core/model/catalog.ts'
import { createDraws } from '../../src-main/core/model/draws.ts'
import { createLearnedRouting } from '../../src-main/core/model/learned-routing.ts'
import { createOllamaProvider } from '../../src-main/core/model/ollama.ts'
import { costMicros, type PriceTable, priceOf, shippedPrices } from '../../src-main/core/model/price-table.ts'
import { createProviderBoard } from '../../src-main/core/model/provider-status.ts'
import { createRouteOutcomes } from '../../src-main/core/model/route-outcomes.ts'
import { createRouter, type Router } from '../../src-main/core/model/router.ts'
import { MEASURES, type Measure } from '../../src-main/core/plan/estimate.ts'
import { createPastTasks, type TaskUse } from '../../src-main/core/plan/past-tasks.ts'
import { createEstimatePlan, type EstimatePlan } from '../../src-main/core/plan/plan-estimates.ts'
import { createPlanOutcomes } from '../../src-main/core/plan/plan-outcomes.ts'
import { insertMany } from '../../src-main/core/store/insert-many.ts'
import { createSettingsStore } from '../../src-main/core/store/settings-store.ts'
import { openStore, type Store } from '../../src-main/core/store/store.ts'
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

/** What the product needs to estimate, on a real database with real routes and prices. */
export interface EstimateBench {
  readonly store: Store
  readonly estimate: EstimatePlan
  readonly outcomes: ReturnType<typeof createPlanOutcomes>
  readonly router: Router
  readonly prices: PriceTable
  readonly places: number
  /** Writes a finished project down as the product does; answers with nothing. */
  finish(document: PlanDocument, quoted: ReturnType<EstimatePlan>, came: Came): Promise<void>
  close(): void
}

/** What a project came to. */
export interface Came {
  readonly uses: readonly TaskUse[]
  readonly summary: { input_tokens: number; output_tokens: number; ms: number }
  readonly ms: number
}

const NOBODY = { profile: null, local_only: false }
const IDEAL_DRAWS = 300

/** A database in a folder of its own. Nothing of it has to outlive the machine, so no commit waits for the disk. */
export function openEstimateBench(): EstimateBench {
  const folder = mkdtempSync(join(tmpdir(), 'baton-estimates-'))
  const opened = openStore(folder, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  store.sqlite.pragma('synchronous = OFF')
  const settings = createSettingsStore(store.sqlite)
  const board = createProviderBoard()
  board.report('anthropic', { state: 'healthy', detail: '', models: [] })
  board.report('ollama', { state: 'healthy', detail: '', models: ['llama3.2'] })
  const providers = [createAnthropicProvider({ api_key: 'none' }), createOllamaProvider({ host: 'http://127.0.0.1:9' })]
  const prices = shippedPrices()
  const catalog = createModelCatalog(settings, new Map(providers.map((each) => [each.id, each])), board, prices)
  const learned = createLearnedRouting(settings, createRouteOutcomes(store), prices, createDraws(Math.random))
  const router = createRouter(settings, catalog, board, learned)
  const pastTasks = createPastTasks(store)
  const outcomes = createPlanOutcomes(store)
  const { max_concurrent, max_concurrent_per_project } = settings.settings()
  const write = createWriter(store, router, prices)
  return {
    store,
    router,
    prices,
    outcomes,
    places: Math.min(max_concurrent, max_concurrent_per_project),
    estimate: createEstimatePlan({ pastTasks, outcomes, settings, router, catalog, prices }),
    finish: (document, quoted, came) =>
      store.write((tx) => {
        const { project, plan, tasks } = write(document, came)
        outcomes.open(tx, plan, quoted, quoted.stand_in)
        pastTasks.record(tx, tasks)
        outcomes.settle(tx, plan, project, came.ms)
      }),
    close() {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Rows of a finished project, as the executor leaves them. */
function createWriter({ sqlite }: Store, router: Router, prices: PriceTable) {
  const project = sqlite.prepare(
    "INSERT INTO project (name, requirements, owner, state, created_at, updated_at) VALUES ('x', 'x', 'local', 'succeeded', 1, 1)",
  )
  const plan = sqlite.prepare(
    "INSERT INTO plan (project_id, version, state, source, document, repairs, created_at) VALUES (?, 1, 'approved', 'model', '{}', '[]', 1)",
  )
  const task = sqlite.prepare(
    `INSERT INTO task (project_id, plan_id, key, position, title, description, type, complexity, tools, acceptance, write_scope,
       artifacts, priority, state, unmet_dependencies, created_at)
     VALUES (@project, @plan, @key, @position, 'x', '', @type, @complexity, '[]', '[]', '[]', '[]', 1, 'succeeded', 0, 1)`,
  )
  const run = sqlite.prepare(
    `INSERT INTO run (kind, project_id, task_id, attempt, state, tier, profile, created_at)
     VALUES (@kind, @project, @task, 1, 'succeeded', @tier, @profile, 1)`,
  )
  const usage = insertMany(sqlite, 'usage_log', [
    ...['ts', 'day_key', 'provider', 'model', 'profile', 'project_id', 'task_id', 'run_id', 'tier', 'attempt'],
    ...['input_tokens', 'output_tokens', 'cache_write_tokens', 'cache_read_tokens', 'cost_micros', 'saved_micros'],
    ...['latency_ms', 'outcome'],
  ])
  const key = (result: { lastInsertRowid: number | bigint }): number => Number(result.lastInsertRowid)

  return (document: PlanDocument, came: Came): { project: number; plan: number; tasks: number[] } => {
    const projectKey = key(project.run())
    const planKey = key(plan.run(projectKey))
    const note = (
      task_id: number | null,
      question: Pick<PlanTask, 'type' | 'complexity' | 'tier'>,
      use: TaskUse,
    ): void => {
      const { profile, tier } = routeOf(router, question)
      const kind = task_id === null ? 'summary' : 'task'
      const runKey = key(run.run({ kind, project: projectKey, task: task_id, tier, profile: profile.name }))
      const { input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, ms } = use
      usage([
        [
          ...[1, '2026-01-01', profile.provider, profile.model, profile.name, projectKey, task_id, runKey, tier, 1],
          ...[
            input_tokens,
            output_tokens,
            cache_write_tokens,
            cache_read_tokens,
            costOf(prices, profile, use),
            0,
            ms,
            'ok',
          ],
        ],
      ])
    }
    const tasks = document.tasks.map((each, position) => {
      const { key: name, type, complexity } = each
      const id = key(task.run({ project: projectKey, plan: planKey, key: name, position, type, complexity }))
      const use = came.uses[position]
      if (use !== undefined) note(id, each, use)
      return id
    })
    note(null, SUMMARY, { ...came.summary, cache_write_tokens: 0, cache_read_tokens: 0, call_tokens: 0 })
    return { project: projectKey, plan: planKey, tasks }
  }
}

const SUMMARY = { type: 'writing', complexity: 'simple', tier: null } as const

function routeOf(router: Router, { type, complexity, tier }: Pick<PlanTask, 'type' | 'complexity' | 'tier'>) {
  const route = router.route({ ...NOBODY, type, complexity, tier })
  if (!route.ok) throw new Error(route.message)
  return route
}

function costOf(prices: PriceTable, profile: { paid: boolean; model: string }, use: TaskUse): number {
  const price = profile.paid ? priceOf(prices, profile.model, Date.now(), 0) : null
  const { input_tokens, output_tokens, cache_write_tokens, cache_read_tokens } = use
  if (price === null) return 0
  return costMicros(
    {
      input: input_tokens,
      output: output_tokens,
      cache_write_5m: cache_write_tokens,
      cache_write_1h: 0,
      cache_read: cache_read_tokens,
    },
    price,
  )
}

/** One project as it goes: the same factors for all of its tasks. */
function live(bench: EstimateBench, world: ProjectWorld, document: PlanDocument, level: number): Came {
  const factors = world.factors()
  const uses = document.tasks.map((task) => world.use(task, tierOf(bench, task), factors, level))
  const summary = world.summary()
  const tasks = world.makespan(
    document,
    uses.map((use) => use.ms),
    bench.places,
  )
  return { uses, summary, ms: tasks + summary.ms }
}

function tierOf(bench: EstimateBench, task: PlanTask): Tier {
  return routeOf(bench.router, task).tier
}

function totals(bench: EstimateBench, document: PlanDocument, { uses, summary, ms }: Came): Record<Measure, number> {
  const all = (use: TaskUse): number =>
    use.input_tokens + use.cache_write_tokens + use.cache_read_tokens + use.output_tokens
  const costs = document.tasks.map((task, index) => {
    const use = uses[index]
    return use === undefined ? 0 : costOf(bench.prices, routeOf(bench.router, task).profile, use)
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
