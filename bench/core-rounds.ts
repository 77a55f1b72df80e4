/**
 * Carries the graphs out in a process of its own, so that its memory is theirs alone: `node bench/core-rounds.ts [rounds]`.
 * One JSON line per graph and round on stdout.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelProfile } from '#contract/model.ts'
import type { PlanDocument } from '#contract/plan.ts'
import { newProject } from '#contract/project.ts'
import type { Result } from '#contract/result.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import type { Engine } from '#core/execution/engine.ts'
import { openStore } from '#core/store/store.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from './graph-shapes.ts'
import { createInstantEngine } from './instant-engine.ts'
import { verifyGraph } from './verify-graph.ts'

const FULL = 2

function must<T>(result: Result<T, { message: string }>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** The whole product around another engine, with room for {@link CONCURRENCY} runs everywhere. */
async function openCore(data_dir: string, engine: Engine): Promise<Core> {
  const log = { info: () => undefined, warn: console.error, error: console.error }
  const core = must(await createCore({ data_dir, version: 'bench', demo: true, engine, log }))
  const room = {
    max_concurrent: CONCURRENCY,
    max_concurrent_per_project: CONCURRENCY,
    max_concurrent_per_provider: CONCURRENCY,
  }
  must(await core.settings.change(room))
  const profile = { name: 'instant', display_name: 'Instant', provider: 'demo', model: 'demo', tiers: ['local'] }
  must(await core.models.put(modelProfile.parse({ ...profile, max_concurrent: CONCURRENCY })))
  return core
}

async function approve(core: Core, document: PlanDocument): Promise<void> {
  const input = newProject.parse({ requirements: document.title, profile: 'instant' })
  const { id } = must(await core.projects.create(input))
  must(await core.plans.approve(must(await core.projects.addPlan(id, document, 'file')).id))
}

/** What every connection of the store is set to. */
function isDurable(dataDir: string): boolean {
  const store = must(openStore(dataDir, () => undefined))
  const durable = store.sqlite.pragma('synchronous', { simple: true }) === FULL
  store.close()
  return durable
}

async function round(shape: string, plans: readonly PlanDocument[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const engine = createInstantEngine()
    const core = await openCore(dataDir, engine)
    const approved = performance.now()
    for (const plan of plans) await approve(core, plan)
    const began = performance.now()
    core.execute('all')
    await core.idle()
    const ended = performance.now()
    await core.close()
    const durable = isDurable(dataDir)
    const tasks = plans.flatMap((plan) => plan.tasks)
    const faults = verifyGraph(dataDir, engine, {
      projects: plans.length,
      tasks: tasks.length,
      dependencies: tasks.reduce((sum, task) => sum + task.depends_on.length, 0),
      concurrency: CONCURRENCY,
    })
    if (!durable) faults.push('commits are not synchronous=FULL')
    for (const fault of faults) console.error(`${shape}: ${fault}`)
    const rss_bytes = process.resourceUsage().maxRSS * 1024
    const figures = { shape, tasks: tasks.length, ms: ended - began, approve_ms: began - approved, rss_bytes }
    console.log(JSON.stringify({ ...figures, ok: faults.length === 0 }))
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const rounds = Number(process.argv[2] ?? 3)
for (let count = 0; count < rounds; count += 1) {
  await round('dag', layeredPlans())
  await round('flat', flatPlans())
}
