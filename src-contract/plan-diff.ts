import type { PlanDocument, PlanTask } from './plan.ts'

/** How one field of a task reads in two versions of a plan. */
export type FieldDiff = { field: string; before: string; after: string }

/** How one task differs between two versions of a plan. */
export type TaskDiff =
  | { kind: 'added'; key: string; title: string }
  | { kind: 'removed'; key: string; title: string }
  | { kind: 'changed'; key: string; title: string; fields: FieldDiff[] }

/** What a plan says about a task besides its key. */
export const PLAN_TASK_FIELDS = [
  'title',
  'description',
  'type',
  'complexity',
  'tier',
  'tools',
  'depends_on',
  'acceptance',
  'verify_command',
  'write_scope',
  'hosts',
  'artifacts',
] as const satisfies readonly (keyof PlanTask)[]

/** What changed from `before` to `after`: tasks are the same where their keys are. Order alone is no change. */
export function diffPlans(before: PlanDocument, after: PlanDocument): TaskDiff[] {
  const old = new Map(before.tasks.map((task) => [task.key, task]))
  const kept = new Set(after.tasks.map((task) => task.key))
  const diffs: TaskDiff[] = []
  for (const task of after.tasks) {
    const previous = old.get(task.key)
    if (previous === undefined) diffs.push({ kind: 'added', key: task.key, title: task.title })
    else {
      const fields = diffTasks(previous, task)
      if (fields.length > 0) diffs.push({ kind: 'changed', key: task.key, title: task.title, fields })
    }
  }
  for (const task of before.tasks) {
    if (!kept.has(task.key)) diffs.push({ kind: 'removed', key: task.key, title: task.title })
  }
  return diffs
}

/** In which fields two tasks differ. The order of dependencies is no difference. */
export function differingFields(before: PlanTask, after: PlanTask): (typeof PLAN_TASK_FIELDS)[number][] {
  return PLAN_TASK_FIELDS.filter((field) => saying(before, field) !== saying(after, field))
}

function saying(task: PlanTask, field: (typeof PLAN_TASK_FIELDS)[number]): string {
  if (field === 'depends_on') return JSON.stringify(task.depends_on.toSorted())
  return JSON.stringify(field === 'verify_command' ? (task.verify_command ?? '') : task[field])
}

function diffTasks(before: PlanTask, after: PlanTask): FieldDiff[] {
  return differingFields(before, after).map((field) => ({
    field,
    before: words(before[field]),
    after: words(after[field]),
  }))
}

function words(value: PlanTask[keyof PlanTask]): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : value.join(', ')
}
