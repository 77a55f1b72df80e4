import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '#contract/event.ts'
import { passes } from '#contract/waiting.ts'
import { CoreGone } from '../baton-client.ts'
import { allTasks } from './all-tasks.ts'
import { decidePlan, showPlan } from './decide-plan.ts'
import { createDiskNote } from './disk-note.ts'
import { EXIT, type ExitCode, worstOf } from './exit-code.ts'
import { printJson, say } from './output.ts'
import type { Progress } from './progress.ts'
import type { Session } from './session.ts'
import { setGoing } from './set-going.ts'
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

/**
 * Why a project stands still for good, as exit codes; empty where it may go on by itself. `budgetFinal`: the money is
 * spent, not merely set aside for work that is under way and may give some back. A local server that is missing may come
 * back; a paid one is only missed where it refused the key or has no credit, and that takes a person.
 */
export function standstill({ project, tasks }: ProjectView, budgetFinal: boolean): ExitCode[] {
  if (project.state !== 'waiting') return []
  const stopped = tasks.filter((task) => task.state === 'waiting' && !task.held)
  // Without tasks it is the first plan that waits.
  const waiting = tasks.length === 0 ? [project.waiting_on] : stopped.map((task) => task.waiting_on)
  const refused = stopped.some((task) => task.waiting_on === 'resource' && task.paid)
  if (waiting.some((what) => passes(what) || (what === 'resource' && !refused))) return []
  const codes: ExitCode[] = []
  if (budgetFinal && (waiting.includes('budget') || tasks.length === 0)) codes.push(EXIT.budget)
  if (waiting.includes('approval')) codes.push(EXIT.approval)
  if (refused) codes.push(EXIT.failed)
  return codes
}

/** The exit codes of an ended project; null while it has not ended. `begun`: it has been more than a draft before. */
export function ending({ project, tasks }: ProjectView, begun: boolean): ExitCode[] | null {
  switch (project.state) {
    case 'succeeded':
      return [EXIT.done]
    case 'failed':
    case 'cancelled':
      return [EXIT.failed, ...tasks.filter((task) => task.waiting_on === 'budget').map(() => EXIT.budget)]
    case 'draft':
      // Somebody rejected the plan.
      return begun ? [EXIT.failed] : null
    default:
      return null
  }
}

/**
 * Follows a project from event `after` until it ends, stands still for good, or is interrupted; has its plan decided on
 * the way. Where the core ends that it is attached to, it goes on with another one.
 */
export async function driveProject(
  session: Session,
  id: string,
  after: string,
  options: DriveOptions,
): Promise<Outcome> {
  let seen = after
  let budgetStopped = false
  let begun = false
  let shownPlan: string | null = null

  function onEvent(event: StoredEvent): void {
    seen = event.id
    if (options.json) printJson(event)
    if (event.type === 'budget.stopped') budgetStopped = true
    if (event.type === 'project.state' && event.data.state === 'executing') budgetStopped = false
  }
  const tellOfDisk = createDiskNote(session, (text) => (options.json ? say(text) : options.progress.note(text)))
  tellOfDisk()
  let watch = watchProject(session.client, id, seen, onEvent, tellOfDisk)

  /** What there is to end with after the next change; null to go on. */
  async function step(): Promise<Outcome | null> {
    const view = await watch.next()
    options.progress.show(view)
    begun ||= view.project.state !== 'draft'
    const ended = ending(view, begun) ?? standstill(view, budgetStopped || (await nothingRuns(view)))
    if (ended.length > 0) return { view, code: worstOf(ended) }
    if (view.project.state !== 'awaiting_approval' || view.project.plan_id === shownPlan) return null
    const code = await decide(view.project.plan_id)
    shownPlan = view.project.plan_id
    return code === null ? null : { view: await look(), code }
  }

  async function follow(): Promise<Outcome> {
    for (;;) {
      try {
        const outcome = await step()
        if (outcome !== null) return outcome
      } catch (fault) {
        if (!(fault instanceof CoreGone)) throw fault
        await goOnElsewhere()
      }
    }
  }

  async function goOnElsewhere(): Promise<void> {
    await watch.close()
    await session.reopen()
    session.client.takeUp([id])
    watch = watchProject(session.client, id, seen, onEvent, tellOfDisk)
    await setGoing(session.client.api.projects, id)
  }

  /** Whether no other work holds money that could come free. */
  async function nothingRuns({ project, tasks }: ProjectView): Promise<boolean> {
    if (project.state !== 'waiting' || !tasks.some((task) => task.waiting_on === 'budget')) return false
    return (await session.client.api.system.status()).running === 0
  }

  async function look(): Promise<ProjectView> {
    const { projects } = session.client.api
    const [project, tasks] = await Promise.all([projects.get({ id }), allTasks(projects, id)])
    return { project, tasks }
  }

  /** The code to end with, or null to go on. */
  async function decide(planId: string | null): Promise<ExitCode | null> {
    if (planId === null) return null
    const { api } = session.client
    const plan = await api.plans.get({ id: planId })
    options.progress.pause()
    if (options.yes || !options.interactive) {
      if (!options.json) showPlan(plan, process.stdout)
      if (!options.yes) return EXIT.approval
      // Who says yes beforehand and names a budget has authorised that budget, not the estimate nobody saw.
      const { budget_micros } = await api.projects.get({ id })
      await api.plans.approve({ id: plan.id, authorise_micros: budget_micros ?? plan.estimate.upper_micros })
      return null
    }
    const stream = options.json ? process.stderr : process.stdout
    const decision = await decidePlan(api, plan, (each) => showPlan(each, stream))
    if (decision === 'approved') return null
    return { cancelled: EXIT.failed, later: EXIT.approval, interrupted: EXIT.interrupted }[decision]
  }

  async function stopInOrder(): Promise<Outcome> {
    try {
      await session.client.api.projects.pause({ id })
    } catch (fault) {
      // It cannot be paused where it is (just ended, or not yet begun); ending the core journals what is under way.
      if (fault instanceof CoreGone) await session.reopen()
    }
    // What pausing wrote belongs to the lines before the result.
    await sleep(50)
    return { view: await look(), code: EXIT.interrupted }
  }

  const interruption = new Promise<'interrupted'>((resolve) => {
    if (options.interrupted.aborted) resolve('interrupted')
    options.interrupted.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })
  try {
    const outcome = await Promise.race([follow(), interruption])
    return outcome === 'interrupted' ? await stopInOrder() : outcome
  } finally {
    options.progress.close()
    await watch.close()
  }
}
