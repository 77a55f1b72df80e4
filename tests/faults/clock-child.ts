/**
 * A core whose clock a test sets: `node clock-child.js '{…}'`. Stdout: `held` when somebody has what is waited for, who says
 * nothing any more, and `next` when the one behind has it; or the state of the one task, each time that it changes.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { dispatchJob } from '../../src-contract/job.ts'
import { newProject } from '../../src-contract/project.ts'
import type { Result } from '../../src-contract/result.ts'
import type { Core } from '../../src-main/core/core.ts'
import { createCore } from '../../src-main/core/create-core.ts'

export const clockChildOptions = z.object({
  data_dir: z.string(),
  anthropic: z.string(),
  what: z.enum(['lock', 'job', 'task']),
  retry_ms: z.number().default(1_000),
})
export type ClockChildOptions = z.input<typeof clockChildOptions>

const PATIENCE_MS = 60_000
const LEASE_MS = 1_000
const TASK = { key: 'a', title: 'Write a', type: 'writing', complexity: 'medium', tier: 'fast', artifacts: ['a.md'] }

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

async function locks(core: Core): Promise<void> {
  const wanted = { resource: 'script:x', purpose: '', priority: 1, capacity: 1 }
  must(await core.locks.acquire({ ...wanted, owner: 'first', ttl_ms: LEASE_MS, wait_ms: 0 }))
  say('held')
  must(await core.locks.acquire({ ...wanted, owner: 'second', ttl_ms: LEASE_MS, wait_ms: PATIENCE_MS }))
  say('next')
}

async function jobs(core: Core): Promise<void> {
  must(await core.jobs.dispatch(dispatchJob.parse({ coreId: 'outside', prompt: 'Look at owls' })))
  const claim = { coreId: 'outside', lease_s: LEASE_MS / 1_000 }
  must(await core.jobs.claim({ ...claim, worker: 'first', wait_s: 0 }, null))
  say('held')
  const { job } = must(await core.jobs.claim({ ...claim, worker: 'second', wait_s: PATIENCE_MS / 1_000 }, null))
  if (job !== null) say('next')
}

async function tasks(core: Core, retry_ms: number): Promise<void> {
  must(await core.settings.change({ retry_base_ms: retry_ms, retry_cap_ms: retry_ms }))
  if (core.projects.list({ limit: 1 }).items.length === 0) {
    const { id } = must(await core.projects.create(newProject.parse({ requirements: 'Do what the plan says' })))
    const plan = must(await core.projects.addPlan(id, { title: 'A plan', tasks: [TASK] }, 'file'))
    must(await core.plans.approve(plan.id, 5_000_000))
  }
  let before = ''
  for (;;) {
    const [project] = core.projects.list({ limit: 1 }).items
    const state = must(core.projects.tasks(project?.id ?? '', { limit: 1 })).items[0]?.state ?? ''
    if (state !== before) say(state)
    before = state
    await sleep(20)
  }
}

async function work(): Promise<void> {
  const { data_dir, anthropic, what, retry_ms } = clockChildOptions.parse(JSON.parse(process.argv[2] ?? ''))
  const core = must(
    await createCore({
      ...{ data_dir, version: '0.0.0-faults', anthropic_api_key: 'sk-test', anthropic_base_url: anthropic },
      ...{ ollama_host: 'http://127.0.0.1:9', demo: false, path: '' },
    }),
  )
  core.execute('all')
  if (what === 'lock') await locks(core)
  else if (what === 'job') await jobs(core)
  else await tasks(core, retry_ms)
}

await work()
