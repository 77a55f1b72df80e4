import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '#contract/event.ts'
import type { Task } from '#contract/task.ts'
import type { BatonClient } from '../baton-client.ts'
import { decidePlan, showPlan } from './decide-plan.ts'
import { EXIT, type ExitCode, worstOf } from './exit-code.ts'
import { printJson } from './output.ts'
import type { Progress } from './progress.ts'
import { type ProjectView, watchProject } from './watch-project.ts'

export interface DriveOptions {
  /** Approve without asking. */
  readonly yes: boolean
  readonly json: boolean
  /** Whether a person can be asked. */
  readonly interactive: boolean
  readonly interrupted: AbortSignal
  readonly progress: Progress
}

export interface Outcome {
  readonly view: ProjectView
  readonly code: ExitCode
}

/** What a waiting project can heal from without a person. */
const HEALS = new Set<Task['waiting_on']>(['resource', 'rate_limit', 'retry', 'lock'])

/** Why a project stands still for good, as exit codes; empty where it may go on by itself. */
export function standstill({ project, tasks }: ProjectView, budgetStopped: boolean): ExitCode[] {
  if (project.state !== 'waiting') return []
  const waiting = tasks.filter((task) => task.state === 'waiting' && !task.held).map((task) => task.waiting_on)
  if (waiting.some((what) => HEALS.has(what))) return []
  const codes: ExitCode[] = []
  if (waiting.includes('budget') || (tasks.length === 0 && budgetStopped)) codes.push(EXIT.budget)
  if (waiting.includes('approval')) codes.push(EXIT.approval)
  return codes
}

/** The exit codes of an ended project; null while it has not ended. */
export function ending({ project, tasks }: ProjectView, seenPlanning: boolean): ExitCode[] | null {
  switch (project.state) {
    case 'succeeded':
      return [EXIT.done]
    case 'failed':
    case 'cancelled':
      return [EXIT.failed, ...tasks.filter((task) => task.waiting_on === 'budget').map(() => EXIT.budget)]
    case 'draft':
      // A draft that was being planned and says why it is none: planning failed.
      return seenPlanning && project.reason !== '' ? [EXIT.failed] : null
    default:
      return null
  }
}

/** Follows a project until it ends, stands still for good, or is interrupted; has its plan decided on the way. */
export async function driveProject(
  client: BatonClient,
  id: string,
  after: string,
  options: DriveOptions,
): Promise<Outcome> {
  let budgetStopped = false
  let seenPlanning = false
  let shownPlan: string | null = null
  const watch = watchProject(client, id, after, (event: StoredEvent) => {
    if (options.json) printJson(event)
    if (event.type === 'budget.stopped') budgetStopped = true
    if (event.type === 'project.state' && event.data.state === 'executing') budgetStopped = false
  })
  const interruption = new Promise<'interrupted'>((resolve) => {
    if (options.interrupted.aborted) resolve('interrupted')
    options.interrupted.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })

  async function follow(): Promise<Outcome> {
    for (;;) {
      const view = await watch.next()
      options.progress.show(view)
      seenPlanning ||= view.project.state === 'planning'
      const ended = ending(view, seenPlanning) ?? standstill(view, budgetStopped)
      if (ended.length > 0) return { view, code: worstOf(ended) }
      if (view.project.state !== 'awaiting_approval' || view.project.plan_id === shownPlan) continue
      shownPlan = view.project.plan_id
      const code = await decide(view)
      if (code !== null) return { view: await look(), code }
    }
  }

  async function look(): Promise<ProjectView> {
    const [project, tasks] = await Promise.all([client.api.projects.get({ id }), client.api.projects.tasks({ id })])
    return { project, tasks: tasks.items }
  }

  /** The code to end with, or null to go on. */
  async function decide(view: ProjectView): Promise<ExitCode | null> {
    if (view.project.plan_id === null) return null
    const plan = await client.api.plans.get({ id: view.project.plan_id })
    options.progress.pause()
    if (options.yes) {
      if (!options.json) showPlan(plan, process.stdout)
      await client.api.plans.approve({ id: plan.id, authorise_micros: plan.estimate.high_micros })
      return null
    }
    if (!options.interactive) {
      if (!options.json) showPlan(plan, process.stdout)
      return EXIT.approval
    }
    const stream = options.json ? process.stderr : process.stdout
    const decision = await decidePlan(client.api, plan, (each) => showPlan(each, stream))
    if (decision === 'approved') return null
    return { cancelled: EXIT.failed, later: EXIT.approval, interrupted: EXIT.interrupted }[decision]
  }

  async function stopInOrder(): Promise<Outcome> {
    try {
      await client.api.projects.pause({ id })
    } catch {
      // It cannot be paused where it is (planning, or just ended); ending the core journals what is under way.
    }
    // What pausing wrote belongs to the lines before the result.
    await sleep(50)
    return { view: await look(), code: EXIT.interrupted }
  }

  try {
    const outcome = await Promise.race([follow(), interruption])
    return outcome === 'interrupted' ? await stopInOrder() : outcome
  } finally {
    options.progress.close()
    await watch.close()
  }
}
