import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '#contract/event.ts'
import type { ProjectState } from '#contract/states.ts'
import { CoreGone } from '../baton-client.ts'
import { allTasks } from './all-tasks.ts'
import { decidePlan, showPlan } from './decide-plan.ts'
import { createDiskNote } from './disk-note.ts'
import { EXIT, type ExitCode, worstOf } from './exit-code.ts'
import { printJson, say } from './output.ts'
import type { Progress } from './progress.ts'
import type { Session } from './session.ts'
import { setGoing } from './set-going.ts'
import { ending, lookAround, standstill } from './standstill.ts'
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

/** In the others something moves, or a person is asked here. */
const MAY_STAND: readonly ProjectState[] = ['planning', 'executing', 'waiting', 'paused']
const STEADY_MS = 300

export interface Outcome {
  readonly view: ProjectView
  readonly code: ExitCode
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
  let toldOfPause = ''

  function onEvent(event: StoredEvent): void {
    seen = event.id
    if (options.json) printJson(event)
    if (event.type === 'budget.stopped') budgetStopped = true
    if (event.type !== 'project.state') return
    begun ||= event.data.state !== 'draft'
    if (event.data.state === 'executing') budgetStopped = false
  }
  const tell = (text: string): void => (options.json ? say(text) : options.progress.note(text))
  const tellOfDisk = createDiskNote(session, tell)
  tellOfDisk()
  let watch = watchProject(session.client, id, seen, onEvent, tellOfDisk)

  /** What there is to end with after the next change; null to go on. */
  async function step(): Promise<Outcome | null> {
    const view = await orLater(watch.next())
    if (view === null) return null
    options.progress.show(view)
    begun ||= view.project.state !== 'draft'
    const ended = ending(view, begun) ?? (await orLater(whyStill(view))) ?? []
    if (ended.length > 0) return { view, code: worstOf(ended) }
    if (view.project.state !== 'awaiting_approval' || view.project.plan_id === shownPlan) return null
    const code = await decide(view.project.plan_id)
    shownPlan = view.project.plan_id
    return code === null ? null : { view: await lookAnew(), code }
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

  /** The codes of a standstill; empty where it goes on by itself, or a person at the terminal may see to it. */
  async function whyStill(view: ProjectView): Promise<ExitCode[]> {
    const { api } = session.client
    const isAtWork = view.tasks.some((task) => task.state === 'running')
    if (isAtWork || !MAY_STAND.includes(view.project.state)) return []
    const first = standstill(view, await lookAround(api, view, budgetStopped))
    if (first.length === 0) return first
    // What is about to go on may have been caught between two states.
    await sleep(STEADY_MS)
    const now = await lookAnew()
    const around = await lookAround(api, now, budgetStopped)
    const codes = standstill(now, around)
    if (!codes.includes(EXIT.interrupted)) return codes
    tellOfPause(around.all_paused)
    return options.interactive ? [] : codes
  }

  /** Null while the disk is in trouble (D4) and cannot be read; it is looked at again with the next sign of life. */
  async function orLater<T>(reading: Promise<T>): Promise<T | null> {
    try {
      return await reading
    } catch (fault) {
      if (fault instanceof Error && 'status' in fault && fault.status === 503) return null
      throw fault
    }
  }

  /** Somebody else did that. At a terminal it is waited for them. */
  function tellOfPause(all: boolean): void {
    const text = all
      ? 'All work is paused; resume it in the window.'
      : 'The project was paused; resume it in the window.'
    if (toldOfPause !== text) tell(text)
    toldOfPause = text
  }

  async function lookAnew(): Promise<ProjectView> {
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
    return { view: await lookAnew(), code: EXIT.interrupted }
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
