import { type CurrentPlan, FINISHED_STATES, type PlanDocument, type PlanTask } from '#contract/plan.ts'
import { differingFields } from '#contract/plan-diff.ts'

/** Tasks of the approved plan that have finished, by their keys: a change of the plan leaves them as they are (P7). */
export type FixedTasks = ReadonlyMap<string, PlanTask>

export const NOTHING_FIXED: FixedTasks = new Map()

export function fixedTasks({ document, tasks }: CurrentPlan): FixedTasks {
  const finished = new Set(tasks.filter(({ state }) => FINISHED_STATES.includes(state)).map(({ key }) => key))
  return new Map(document.tasks.filter(({ key }) => finished.has(key)).map((task) => [task.key, task]))
}

/** Finished tasks that a plan leaves out or tells differently. What it removes, a finished task may lose as dependency. */
export function touched(document: PlanDocument, fixed: FixedTasks): PlanTask[] {
  const given = new Map(document.tasks.map((task) => [task.key, task]))
  return [...fixed.values()].filter((task) => {
    const told = given.get(task.key)
    return told === undefined || differingFields(asLeft(task, given), told).length > 0
  })
}

/** The plan with its finished tasks as they are. */
export function putBack(document: PlanDocument, fixed: FixedTasks): PlanDocument {
  const keys = new Map([...document.tasks.map((task): [string, PlanTask] => [task.key, task]), ...fixed])
  const given = new Set(document.tasks.map(({ key }) => key))
  const missing = [...fixed.values()].filter(({ key }) => !given.has(key))
  const tasks = [...missing, ...document.tasks].map((task) => {
    const asItIs = fixed.get(task.key)
    return asItIs === undefined ? task : asLeft(asItIs, keys)
  })
  return { ...document, tasks }
}

function asLeft(task: PlanTask, given: ReadonlyMap<string, PlanTask>): PlanTask {
  return { ...task, depends_on: task.depends_on.filter((key) => given.has(key)) }
}
