import type { PlanDocument, PlanTask } from '#contract/plan.ts'
import { differingFields, type PLAN_TASK_FIELDS } from '#contract/plan-diff.ts'

/** Where an entry of a list stands: in both versions, or in one of them. */
export type ListEntry = { value: string; in: 'both' | 'before' | 'after' }

/** How one field of a task reads in two versions. */
export type FieldComparison = { field: TaskField } & (
  | { kind: 'text'; before: string; after: string }
  | { kind: 'list'; entries: readonly ListEntry[] }
)

export type TaskField = (typeof PLAN_TASK_FIELDS)[number]

/** A task that differs between two versions, as it is in each; null where it is not there. */
export type TaskComparison =
  | { kind: 'added'; key: string; before: null; after: PlanTask }
  | { kind: 'removed'; key: string; before: PlanTask; after: null }
  | { kind: 'changed'; key: string; before: PlanTask; after: PlanTask; fields: readonly FieldComparison[] }

/** All that differs between two versions of a plan. */
export type PlanComparison = {
  title: { before: string; after: string } | null
  summary: { before: string; after: string } | null
  /** In the order of the later version; removed ones where they stood in the earlier. */
  tasks: readonly TaskComparison[]
  /** Tasks that read the same. */
  same: number
  /** Tasks that are in both stand in another order. */
  isReordered: boolean
  dependencies: { added: number; removed: number }
}

export function comparePlans(before: PlanDocument, after: PlanDocument): PlanComparison {
  const old = new Map(before.tasks.map((task) => [task.key, task]))
  const fresh = new Map(after.tasks.map((task) => [task.key, task]))
  const kept = before.tasks.filter(({ key }) => fresh.has(key)).map(({ key }) => key)
  const keptAfter = after.tasks.filter(({ key }) => old.has(key)).map(({ key }) => key)
  const tasks = inOrder(before, after, fresh).flatMap((key) => compareTask(key, old.get(key), fresh.get(key)))
  const linksBefore = linksOf(before)
  const linksAfter = linksOf(after)
  return {
    title: before.title === after.title ? null : { before: before.title, after: after.title },
    summary: before.summary === after.summary ? null : { before: before.summary, after: after.summary },
    tasks,
    same: kept.length - tasks.filter(({ kind }) => kind === 'changed').length,
    isReordered: kept.join(' ') !== keptAfter.join(' '),
    dependencies: {
      added: [...linksAfter].filter((link) => !linksBefore.has(link)).length,
      removed: [...linksBefore].filter((link) => !linksAfter.has(link)).length,
    },
  }
}

/** Keys of both versions: those of the later, each removed one behind the task that it followed. */
function inOrder(before: PlanDocument, after: PlanDocument, fresh: ReadonlyMap<string, PlanTask>): string[] {
  const order = after.tasks.map(({ key }) => key)
  let last: string | null = null
  for (const { key } of before.tasks) {
    if (!fresh.has(key)) order.splice(last === null ? 0 : order.indexOf(last) + 1, 0, key)
    last = key
  }
  return order
}

function compareTask(key: string, before: PlanTask | undefined, after: PlanTask | undefined): TaskComparison[] {
  if (after === undefined) return before === undefined ? [] : [{ kind: 'removed', key, before, after: null }]
  if (before === undefined) return [{ kind: 'added', key, before: null, after }]
  const fields = differingFields(before, after).map((field) => compareField(field, before, after))
  return fields.length === 0 ? [] : [{ kind: 'changed', key, before, after, fields }]
}

function compareField(field: TaskField, before: PlanTask, after: PlanTask): FieldComparison {
  const [one, other] = [before[field], after[field]]
  if (Array.isArray(one) && Array.isArray(other)) return { field, kind: 'list', entries: compareLists(one, other) }
  return { field, kind: 'text', before: String(one ?? ''), after: String(other ?? '') }
}

function compareLists(before: readonly string[], after: readonly string[]): ListEntry[] {
  const values = [...new Set([...before, ...after])]
  return values.map((value) => {
    const isBefore = before.includes(value)
    return { value, in: isBefore && after.includes(value) ? 'both' : isBefore ? 'before' : 'after' }
  })
}

function linksOf({ tasks }: PlanDocument): Set<string> {
  return new Set(tasks.flatMap((task) => task.depends_on.map((on) => `${on}>${task.key}`)))
}
