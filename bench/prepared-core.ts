import { modelProfile } from '#contract/model.ts'
import type { PlanDocument } from '#contract/plan.ts'
import { newProject } from '#contract/project.ts'
import type { Result } from '#contract/result.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { CONCURRENCY } from './graph-shapes.ts'
import type { InstantEngine } from './instant-engine.ts'

/** More than all tasks of a benchmark cost together: money must not be what it waits for. */
const ENOUGH_MICROS = 1_000_000_000_000

/** The value of what must have gone well. Throws where it has not. */
export function must<T>(result: Result<T, { message: string }>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** The whole product around another engine, with room for {@link CONCURRENCY} runs everywhere; paused until `start`. */
export async function openCore(data_dir: string, engine: InstantEngine): Promise<Core> {
  const log = { info: () => undefined, warn: console.error, error: console.error }
  const core = must(await createCore({ data_dir, version: 'bench', demo: true, log }, engine.engine))
  const room = {
    max_concurrent: CONCURRENCY,
    max_concurrent_per_project: CONCURRENCY,
    max_concurrent_per_provider: CONCURRENCY,
  }
  must(await core.settings.change(room))
  must(await core.budget.set({ daily_micros: ENOUGH_MICROS, monthly_micros: ENOUGH_MICROS }))
  const profile = { name: 'instant', display_name: 'Instant', provider: 'demo', model: 'demo', tiers: ['local'] }
  must(await core.models.put(modelProfile.parse({ ...profile, max_concurrent: CONCURRENCY })))
  // What is approved would begin at once.
  must(await core.system.pauseAll())
  return core
}

/** Lets all that is approved go on. */
export async function start(core: Core): Promise<void> {
  must(await core.system.resumeAll())
  core.execute('all')
}

/** Makes a project of a plan and approves it, so that its tasks are ready or pending. */
export async function approve(core: Core, document: PlanDocument): Promise<void> {
  const input = newProject.parse({ requirements: document.title, profile: 'instant' })
  const { id } = must(await core.projects.create(input))
  must(await core.plans.approve(must(await core.projects.addPlan(id, document, 'file')).id, ENOUGH_MICROS))
}
