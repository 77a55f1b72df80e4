import type { PlanDocument } from '#contract/plan.ts'
import type { BulkEdit } from './plan-bulk.ts'
import type { PlanEdit } from './plan-edit.ts'

/**
 * What each key was in the stored version: null for a task that is new. Keys that were removed or given up stay, so
 * that no new task takes one: comments, and the comparison of versions, know a task by its key.
 */
export type TaskNames = ReadonlyMap<string, string | null>

export function namesOf({ tasks }: PlanDocument): TaskNames {
  return new Map(tasks.map(({ key }) => [key, key]))
}

/** The names after an edit that made `document`. */
export function namesAfter(names: TaskNames, edit: PlanEdit | BulkEdit, document: PlanDocument): TaskNames {
  const isRenamed = edit.kind === 'rename'
  const fresh = document.tasks.filter(({ key }) => !names.has(key))
  if (!isRenamed && fresh.length === 0) return names
  const next = new Map(names)
  for (const { key } of fresh) next.set(key, null)
  if (isRenamed) next.set(edit.to, names.get(edit.key) ?? null)
  return next
}

/**
 * What tasks of `document` were called in `stored`, where that does not follow from their keys; null for a new task that
 * has got the key of another.
 */
export function formerKeys(
  document: PlanDocument,
  names: TaskNames,
  stored: PlanDocument,
): Record<string, string | null> {
  const known = new Set(stored.tasks.map(({ key }) => key))
  const former = document.tasks
    .map(({ key }): [string, string | null] => [key, names.get(key) ?? null])
    .filter(([key, was]) => was !== key && (was !== null || known.has(key)))
  return Object.fromEntries(former)
}
