import { replaceEqualDeep } from '@tanstack/react-query'
import type { Task } from '#contract/task.ts'

/**
 * A newer list of tasks with the objects of the older one wherever nothing about a task has changed. Most objects of a list
 * in which an event changed one task are the same already: only the others are compared, not ten thousand tasks field by field.
 */
export function shareTasks(before: readonly Task[] | undefined, after: readonly Task[]): readonly Task[] {
  if (before === undefined) return after
  let isSame = before.length === after.length
  const shared = after.map((task, index) => {
    const known = before[index]
    const kept = known === undefined || known === task ? task : replaceEqualDeep(known, task)
    if (kept !== known) isSame = false
    return kept
  })
  return isSame ? before : shared
}
