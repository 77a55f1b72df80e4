import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../src-contract/settings.ts'
import type { Core } from '../src-main/core/core.ts'
import { createCore } from '../src-main/core/create-core.ts'
import { mixedTasks, startSharedCard } from '../tests/support/gpu-bench.ts'

const TASKS = 50
/** Small beside real ones (5 to 30 s for a model, minutes for images), so that a round takes seconds; the order is what is compared. */
const LOAD_MS = 500
const RELEASE_MS = 200
const STEP_MS = 20

interface Round {
  readonly seconds: number
  readonly swaps: number
  readonly out_of_memory: number
  readonly done: number
  readonly failed: number
}

/** 50 tasks, text and image by turns, on one simulated card that has room for one model: Baton's order and two naive ones. */
export async function benchGpu(): Promise<string[]> {
  return [
    line('turns', await round({})),
    // The card is handed over after each step, as by tools that unload after every call.
    line('each_step', await round({ gpu_batch_ms: 0 })),
    // Nobody unloads for the other.
    line('naive', await round({ gpu_sharing: 'never' })),
  ]
}

function line(order: string, { seconds, swaps, out_of_memory, done, failed }: Round): string {
  return `gpu order=${order} tasks=${TASKS} done=${done} failed=${failed} out_of_memory=${out_of_memory} swaps=${swaps} seconds=${seconds.toFixed(1)}`
}

async function round(settings: Partial<Settings>): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-gpu-'))
  const shared = await startSharedCard({
    load_ms: LOAD_MS,
    release_ms: RELEASE_MS,
    comfyui: { default: { kind: 'answer', step_ms: STEP_MS } },
  })
  const opened = await createCore({
    data_dir: join(folder, 'data'),
    version: '0.0.0',
    ollama_host: shared.ollama.url,
    comfyui_url: shared.comfyui.url,
    demo: false,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  const core = opened.value
  try {
    await core.settings.change({ retry_base_ms: 50, retry_cap_ms: 500, ...settings })
    core.execute('all')
    const began = performance.now()
    const id = await start(core)
    for (;;) {
      const project = core.projects.get(id)
      if (!project.ok) throw new Error(project.error.message)
      const { state, task_counts } = project.value
      if (state === 'succeeded' || state === 'failed') {
        const { swaps, out_of_memory } = shared.card.record
        const done = task_counts.succeeded ?? 0
        return { seconds: (performance.now() - began) / 1_000, swaps, out_of_memory, done, failed: TASKS - done }
      }
      await delay(50)
    }
  } finally {
    await core.close(0)
    await shared.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function start(core: Core): Promise<string> {
  const project = await core.projects.create({
    requirements: 'Notes and pictures by turns',
    attachments: [],
    local_only: true,
    can_wait: false,
    priority: 1,
  })
  if (!project.ok) throw new Error(project.error.message)
  const tasks = mixedTasks(TASKS).map((task) => ({
    title: `Make ${task.key}`,
    type: 'writing',
    complexity: 'simple',
    ...task,
  }))
  const plan = await core.projects.addPlan(project.value.id, { title: 'Mixed', tasks }, 'file')
  if (!plan.ok) throw new Error(plan.error.message)
  const approved = await core.plans.approve(plan.value.id)
  if (!approved.ok) throw new Error(approved.error.message)
  return project.value.id
}
