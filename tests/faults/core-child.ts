/**
 * A real core in a process that a test kills at any moment. It does what a patient person would: sees to it that the
 * projects exist, approves their plans, raises a limit that stops the work, tries again what is refused for a while, and
 * where it is told to meddles now and then, until all is done; then it ends in order.
 * Stdout, line by line: `up`, `event <seq>` for each event that is pushed to subscribers, `raised`, `error <what>` for each
 * error in its log, `failed <why>`, `drained`.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Project } from '../../src-contract/project.ts'
import type { Result } from '../../src-contract/result.ts'
import type { Core } from '../../src-main/core/core.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import { ACTS, createPerson } from './person.ts'
import { seeded } from './seeded.ts'
import { STEERED, STEERED_INPUT, STEERED_PLAN } from './steered.ts'
import { MIXED, MIXED_PLAN, PLANNED } from './workload.ts'

export const childOptions = z.object({
  data_dir: z.string(),
  anthropic: z.string(),
  ollama: z.string(),
  failpoints: z.array(z.string()),
  /** Where git is found; empty: no checkpoints. */
  path: z.string(),
  daily_micros: z.number().default(20_000_000),
  /** What the person meddles with, in a project of its own; absent: nothing, and no such project. */
  acts: z.array(z.enum(ACTS)).optional(),
  /** For what the person chooses. */
  seed: z.number().default(0),
  /** Beside those that make retries fast. */
  settings: z.record(z.string(), z.number()).default({}),
})
export type ChildOptions = z.input<typeof childOptions>

const RAISE_MICROS = 250_000
const GOES_ON_BY_ITSELF = ['planning', 'executing']
const ATTACHED = new Map([[STEERED.name, [STEERED_INPUT]]])

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

async function follow(core: Core): Promise<void> {
  for await (const item of core.events.stream({}, new AbortController().signal)) {
    if (item.kind === 'event') say(`event ${item.event.seq}`)
  }
}

async function ensure(core: Core, wanted: typeof MIXED): Promise<Project> {
  const there = core.projects.list({ limit: 100 }).items.find((project) => project.name === wanted.name)
  const attachments = ATTACHED.get(wanted.name) ?? []
  // What a person meddles with can wait for batches, so that these are meddled with too.
  const can_wait = wanted.name === STEERED.name
  return there ?? must(await core.projects.create({ ...wanted, attachments, local_only: false, can_wait, priority: 1 }))
}

/** Does what the project waits for a person to do. Answers whether it is done. */
async function tend(core: Core, { id, name, state, reason }: Project, meddled: boolean): Promise<boolean> {
  const newest = must(core.projects.plans(id)).items.find((plan) => plan.state === 'proposed')
  if (state === 'succeeded') return true
  if (state === 'draft' && name === PLANNED.name) {
    const begun = await core.projects.plan(id)
    // A machine that is busy may find no provider in time; then it is tried again.
    if (!begun.ok && begun.error.code !== 'unavailable') must(begun)
  } else if (state === 'draft') {
    must(await core.projects.addPlan(id, name === STEERED.name ? STEERED_PLAN : MIXED_PLAN, 'file'))
  } else if (state === 'awaiting_approval' && newest !== undefined) {
    must(await core.plans.approve(newest.id, must(core.projects.get(id)).budget_micros ?? RAISE_MICROS))
  } else if (state === 'waiting') {
    const tasks = must(core.projects.tasks(id, { limit: 100 })).items
    const reasons = [reason, ...tasks.map((task) => task.reason)]
    // The limit of a day ends with the day.
    if (reasons.some((text) => text.includes("project's limit"))) {
      say('raised')
      const { budget_micros } = must(core.projects.get(id))
      must(await core.projects.change(id, { budget_micros: (budget_micros ?? 0) + RAISE_MICROS }))
    }
  } else if (meddled && (state === 'paused' || (state === 'failed' && name === STEERED.name))) {
    // The person sees to that.
  } else if (!GOES_ON_BY_ITSELF.includes(state)) throw new Error(`${name} is ${state}: ${reason}`)
  return false
}

async function work(): Promise<void> {
  const options = childOptions.parse(JSON.parse(process.argv[2] ?? ''))
  const core = must(
    await createCore({
      data_dir: options.data_dir,
      version: '0.0.0-faults',
      anthropic_api_key: 'sk-test',
      anthropic_base_url: options.anthropic,
      ollama_host: options.ollama,
      path: options.path,
      demo: false,
      failpoints: options.failpoints,
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: (message, fields) => say(`error ${message} ${JSON.stringify(fields ?? {})}`),
      },
    }),
  )
  say('up')
  const following = follow(core)
  const batches = { batch_window_ms: 15, batch_poll_ms: 5, batch_poll_cap_ms: 30 }
  must(
    await core.settings.change({ retry_base_ms: 1, retry_cap_ms: 5, max_retries: 12, ...batches, ...options.settings }),
  )
  must(await core.budget.set({ daily_micros: options.daily_micros }))
  core.execute('all')
  const { acts } = options
  const person = acts === undefined ? null : createPerson(core, seeded(options.seed), acts)
  let done = false
  while (!done) {
    const projects = [await ensure(core, MIXED), await ensure(core, PLANNED)]
    if (person !== null) {
      const steered = await ensure(core, STEERED)
      projects.push(steered)
      await person.meddle(projects, steered)
    }
    // What was content may have been meddled with since.
    const tended = await Promise.all(projects.map((project) => tend(core, project, person !== null)))
    // What nobody waits for any more may still be in a batch.
    const owed = core.budget.get().global.reserved_micros
    done = tended.every(Boolean) && (person?.isContent() ?? true) && owed === 0
    await sleep(10)
  }
  await core.close()
  await following
  say('drained')
}

work().catch((fault: unknown) => {
  say(`failed ${fault instanceof Error ? fault.message : String(fault)}`)
  process.exit(3)
})
