import type { PlanTask } from '#contract/plan.ts'

/** Whether something says when a task is done: a file that it promises, a criterion or a command. */
export function isVerifiable(task: Pick<PlanTask, 'artifacts' | 'acceptance' | 'verify_command'>): boolean {
  return task.artifacts.length > 0 || task.acceptance.length > 0 || (task.verify_command ?? '') !== ''
}
