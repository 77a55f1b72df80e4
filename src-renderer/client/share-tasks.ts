import { replaceEqualDeep } from '@tanstack/react-query'
import type { Task } from '#contract/task.ts'

/**
 * A newer list of tasks, each as `readable` makes it, with the objects of the older one wherever nothing about a task has
 * changed. Most objects of a list in which an event changed one task are the same already: only the others are looked at,
 * not ten thousand tasks field by field.
 */
export function shareTasks(
  before: readonly Task[] | undefined,
  after: readonly Task[],
  readable: (task: Task) => Task,
): readonly Task[] {
  if (before === undefined) return after.map(readable)
  let isSame = before.length === after.length
  const shared = after.map((task, index) => {
    const known = before[index]
    if (known === task) return task
    const kept = replaceEqualDeep(known, readable(task))
    if (kept !== known) isSame = false
    return kept
  })
  return isSame ? before : shared
}
