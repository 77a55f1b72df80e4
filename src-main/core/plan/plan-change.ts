import { FINISHED_STATES, type PlanDocument, type PlanProblem, type PlanRepair, type PlanTask } from '#contract/plan.ts'
import { differingFields, PLAN_TASK_FIELDS } from '#contract/plan-diff.ts'
import type { TaskRow } from '../store/schema.ts'
import { problem } from './check-plan.ts'
import type { StandingPlan, StandingTask } from './current-plan.ts'
import { quote } from './quote.ts'

/** What a new version of the plan means for the tasks that are there (P7). Tasks are the same where their keys are. */
export interface PlanChange {
  /** Unchanged tasks, finished or not: they go on as they are. */
  readonly kept: readonly StandingTask[]
  /** Open tasks that the new version says differently, and removed ones that it takes in again: they begin anew. */
  readonly changed: readonly { readonly row: TaskRow; readonly task: PlanTask; readonly fields: readonly string[] }[]
  readonly added: readonly PlanTask[]
  readonly removed: readonly StandingTask[]
  /** Finished tasks that the new version changes or leaves out; it may be used only where there are none. */
  readonly problems: readonly PlanProblem[]
}

/** Whether a change of the plan leaves it as it is. */
export function isFinished({ row }: Pick<StandingTask, 'row'>): boolean {
  return FINISHED_STATES.includes(row.state)
}

/** Compares a checked plan with the tasks as they are. */
export function changeOf(current: StandingPlan, document: PlanDocument): PlanChange {
  const wanted = new Map(document.tasks.map((task) => [task.key, task]))
  const kept: StandingTask[] = []
  const removed: StandingTask[] = []
  const changed: { row: TaskRow; task: PlanTask; fields: string[] }[] = []
  const problems: PlanProblem[] = []
  for (const standing of current.tasks) {
    const { row, task: before } = standing
    const task = wanted.get(row.key)
    const fields =
      task === undefined ? [] : differingFields(isFinished(standing) ? asLeft(before, wanted) : before, task)
    if (isFinished(standing)) {
      if (task === undefined || fields.length > 0) problems.push(untouchable(row, fields[0] ?? null))
      else kept.push(standing)
    } else if (task === undefined) removed.push(standing)
    else if (fields.length > 0) changed.push({ row, task, fields })
    else kept.push(standing)
  }
  const known = new Set(current.tasks.map(({ row }) => row.key))
  const added: PlanTask[] = []
  for (const task of document.tasks) {
    if (known.has(task.key)) continue
    const row = current.removed.get(task.key)
    if (row === undefined) added.push(task)
    else changed.push({ row, task, fields: [...PLAN_TASK_FIELDS] })
  }
  return { kept, changed, added, removed, problems }
}

/**
 * Puts finished tasks back into a planner's answer where it left them out or told them differently, and says so. Where it
 * uses the key of a finished task for another one, that is a problem: which of the two was meant cannot be known.
 */
export function withFinished(
  current: StandingPlan,
  document: PlanDocument,
): { document: PlanDocument; repairs: PlanRepair[]; problems: PlanProblem[] } {
  const given = new Map(document.tasks.map((task) => [task.key, task]))
  const finished = current.tasks.filter(isFinished)
  const keys = new Map([...given, ...finished.map(({ task }): [string, PlanTask] => [task.key, task])])
  const repairs: PlanRepair[] = []
  const problems: PlanProblem[] = []
  const back = new Map<string, PlanTask>()
  for (const { task, row } of finished) {
    const told = given.get(task.key)
    const asItIs = asLeft(task, keys)
    if (told !== undefined && told.title.trim().toLowerCase() !== task.title.trim().toLowerCase()) {
      const message = `The key ${quote(task.key)} belongs to ${quote(task.title)}, which has ${row.state}. Give the new task a key of its own, and repeat the finished one as it is.`
      problems.push(problem(task.key, 'key', message))
    } else if (told === undefined) repairs.push({ task: task.key, what: `Put back, as it has ${row.state}.` })
    else if (differingFields(asItIs, told).length > 0)
      repairs.push({ task: task.key, what: `Left as it was, as it has ${row.state}.` })
    back.set(task.key, asItIs)
  }
  const missing = [...back.values()].filter(({ key }) => !given.has(key))
  const tasks = [...missing, ...document.tasks.map((task) => back.get(task.key) ?? task)]
  return { document: { ...document, tasks }, repairs, problems }
}

/** The part of a plan that is still to be done: what is finished costs nothing any more and keeps nobody waiting. */
export function openPart(current: StandingPlan | null, document: PlanDocument): PlanDocument {
  if (current === null) return document
  const finished = new Set(current.tasks.filter(isFinished).map(({ row }) => row.key))
  const tasks = document.tasks
    .filter(({ key }) => !finished.has(key))
    .map((task) => ({ ...task, depends_on: task.depends_on.filter((key) => !finished.has(key)) }))
  return { ...document, tasks }
}

/** A finished task whose dependencies the new version may have removed, which changes nothing for it. */
function asLeft(task: PlanTask, wanted: ReadonlyMap<string, unknown>): PlanTask {
  return { ...task, depends_on: task.depends_on.filter((key) => wanted.has(key)) }
}

function untouchable({ key, title, state }: TaskRow, field: string | null): PlanProblem {
  const done = state === 'skipped' ? 'was skipped' : 'has succeeded'
  const message =
    field === null
      ? `${quote(title)} ${done}, so it stays in the plan. Put it back.`
      : `${quote(title)} ${done}, so it stays as it is. Put it back, and add a task of its own for what is to be different.`
  return problem(key, field, message)
}
