import type { PlanDocument, PlanTask } from '../../src-contract/plan.ts'
import { costMicros, type PriceTable, priceOf } from '../../src-main/core/model/price-table.ts'
import type { Route, Router } from '../../src-main/core/model/router.ts'
import { createPastTasks, type TaskUse } from '../../src-main/core/plan/past-tasks.ts'
import { createEstimatePlan, type EstimatePlan } from '../../src-main/core/plan/plan-estimates.ts'
import { createPlanOutcomes } from '../../src-main/core/plan/plan-outcomes.ts'
import { insertMany } from '../../src-main/core/store/insert-many.ts'
import type { Store } from '../../src-main/core/store/store.ts'
import { openRoutedModels } from './routed-models.ts'

/** A project that nobody gave a model or a lock. */
export const NOBODY = { profile: null, local_only: false }

type RoutedTask = Pick<PlanTask, 'type' | 'complexity' | 'tier'>

/** What the product needs to estimate, on a real database with real routes and prices. */
export interface EstimateBench {
  readonly store: Store
  readonly estimate: EstimatePlan
  readonly prices: PriceTable
  /** Where the product sends such a task. */
  routeOf(task: RoutedTask): Extract<Route, { ok: true }>
  /** Whether a task may start beside those that run, by the caps. */
  fits(task: PlanTask, running: readonly PlanTask[]): boolean
  /** Writes a finished project down as the product does. */
  finish(document: PlanDocument, quoted: ReturnType<EstimatePlan>, came: Came): Promise<void>
  close(): void
}

/** What a project came to. */
export interface Came {
  readonly uses: readonly TaskUse[]
  readonly summary: { input_tokens: number; output_tokens: number; ms: number }
  readonly ms: number
}

/** A database in a folder of its own. Nothing of it has to outlive the machine, so no commit waits for the disk. */
export function openEstimateBench(): EstimateBench {
  const { store, settings, prices, catalog, router: routerOf, close } = openRoutedModels()
  const router = routerOf(() => 0.5)
  const pastTasks = createPastTasks(store)
  const outcomes = createPlanOutcomes(store)
  const { max_concurrent, max_concurrent_per_project, max_concurrent_per_provider } = settings.settings()
  const routeOf = createRoutes(router)
  const write = createWriter(store, routeOf, prices)
  return {
    store,
    prices,
    routeOf,
    fits(task, running) {
      const { provider, name, max_concurrent: places } = routeOf(task).profile
      const beside = running.map((other) => routeOf(other).profile)
      return (
        running.length < Math.min(max_concurrent, max_concurrent_per_project) &&
        beside.filter((profile) => profile.name === name).length < places &&
        beside.filter((profile) => profile.provider === provider).length < max_concurrent_per_provider
      )
    },
    estimate: createEstimatePlan({ pastTasks, outcomes, settings, router, catalog, prices }),
    finish: (document, quoted, came) =>
      store.write((tx) => {
        const { project, plan, tasks } = write(document, came)
        outcomes.open(tx, plan, quoted, quoted.stand_in)
        // Each ends in a turn of its own.
        for (const task of tasks) pastTasks.record(tx, [task])
        outcomes.settle(tx, plan, project, came.ms)
      }),
    close,
  }
}

/** Rows of a finished project, as the executor leaves them. */
function createWriter({ sqlite }: Store, routeOf: EstimateBench['routeOf'], prices: PriceTable) {
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
    const note = (task_id: number | null, question: RoutedTask, use: TaskUse): void => {
      const { profile, tier } = routeOf(question)
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

/** Asks the router once for each kind of task. */
function createRoutes(router: Router): EstimateBench['routeOf'] {
  const known = new Map<string, Extract<Route, { ok: true }>>()
  return ({ type, complexity, tier }) => {
    const kind = `${type} ${complexity} ${tier}`
    const route = known.get(kind) ?? router.route({ ...NOBODY, type, complexity, tier })
    if (!route.ok) throw new Error(route.message)
    known.set(kind, route)
    return route
  }
}

/** What a model charges for it, in micro-dollars. */
export function costOf(prices: PriceTable, profile: { paid: boolean; model: string }, use: TaskUse): number {
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
