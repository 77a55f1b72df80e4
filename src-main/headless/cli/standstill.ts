import { passes } from '#contract/waiting.ts'
import type { Api } from '../baton-client.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { ProjectView } from './watch-project.ts'

/** What decides, besides a project itself, whether it goes on by itself. */
export interface Around {
  /** A person paused all work, and none is under way any more. */
  readonly all_paused: boolean
  /** The money is spent, not merely set aside for work that is under way and may give some back. */
  readonly budget_final: boolean
  /** The first plan is to be written by a paid model. */
  readonly paid_plan: boolean
  /** A paid service refused its key or has no credit. */
  readonly refused: boolean
  /** No model can take any of its work. */
  readonly no_model: boolean
  /** A service that has models for it may come back: a local one that is missing, or a paid one that cannot be reached. */
  readonly may_return: boolean
}

interface Wait {
  readonly on: ProjectView['project']['waiting_on']
  readonly paid: boolean
  readonly resumes_at: string | null
  /** It was never begun: no model could take it. */
  readonly unplaced: boolean
}

/** What waits in a project, besides what a person has paused. */
function waitsOf({ project, tasks }: ProjectView, { paid_plan }: Pick<Around, 'paid_plan'>): Wait[] {
  // Without tasks it is the first plan that waits.
  if (tasks.length === 0) return [{ on: project.waiting_on, paid: paid_plan, resumes_at: null, unplaced: false }]
  return tasks
    .filter((task) => task.state === 'waiting' && !task.held)
    .map(({ waiting_on, paid, resumes_at, run_id }) => ({
      on: waiting_on,
      paid,
      resumes_at,
      unplaced: run_id === null,
    }))
}

/** Whether only a person can give back what work needs: a key, credit, a model. */
function takesPerson({ on, paid, resumes_at, unplaced }: Wait, around: Around): boolean {
  if (on !== 'resource' || resumes_at !== null) return false
  return (paid && around.refused) || (!around.may_return && (unplaced || around.no_model))
}

/**
 * Why a project stands still for good, as exit codes; empty where it may go on by itself. A local server that is missing may
 * come back, and so may the line to a paid one; a key that was refused takes a person, as does what somebody paused.
 */
export function standstill(view: ProjectView, around: Around): ExitCode[] {
  const { project, tasks } = view
  if (project.state === 'paused' || around.all_paused) return [EXIT.interrupted]
  if (project.state !== 'waiting') return []
  const waits = waitsOf(view, around)
  if (waits.length === 0) {
    const held = tasks.some((task) => task.held && (task.state === 'ready' || task.state === 'waiting'))
    const moves = tasks.some((task) => task.state === 'running' || (task.state === 'ready' && !task.held))
    return held && !moves ? [EXIT.interrupted] : []
  }
  const person = waits.some((wait) => takesPerson(wait, around))
  if (waits.some((wait) => passes(wait.on) || (wait.on === 'resource' && !person))) return []
  const codes: ExitCode[] = []
  const waitsOn = (what: Wait['on']): boolean => waits.some(({ on }) => on === what)
  if (around.budget_final && waitsOn('budget')) codes.push(EXIT.budget)
  if (waitsOn('approval')) codes.push(EXIT.approval)
  if (person) codes.push(EXIT.failed)
  return codes
}

/** Asks what `standstill` needs to know. `budgetStopped`: the last call for the project was denied its money. */
export async function lookAround(api: Api, view: ProjectView, budgetStopped: boolean): Promise<Around> {
  const { project, tasks } = view
  const status = await api.system.status()
  const around: Around = {
    all_paused: status.paused && status.running === 0,
    budget_final: budgetStopped || status.running === 0,
    ...{ paid_plan: false, refused: false, no_model: false, may_return: true },
  }
  const waitsOnService = project.waiting_on === 'resource' || tasks.some(({ waiting_on }) => waiting_on === 'resource')
  if (project.state !== 'waiting' || !waitsOnService) return around
  const { profile } = project
  const localOnly = project.local_only || status.local_only
  const models = (await api.models.list()).filter(({ name, enabled, provider, paid }) =>
    profile === null ? enabled && provider !== 'demo' && !(localOnly && paid) : name === profile,
  )
  const absent = status.services.filter(
    ({ heals, state }) => heals && state !== 'healthy' && state !== 'not_configured',
  )
  return {
    ...around,
    // Planning goes to a paid model wherever one is set up.
    paid_plan: models.some(({ paid }) => paid),
    refused: status.services.some(({ paid, state, heals }) => paid && state === 'down' && !heals),
    no_model: !models.some(({ available }) => available),
    may_return: models.some(({ available, provider }) => !available && absent.some(({ name }) => name === provider)),
  }
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
      // Somebody rejected the plan, or stopped it from being written.
      return begun ? [EXIT.failed] : null
    default:
      return null
  }
}
