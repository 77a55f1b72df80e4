import type { Project } from '#contract/project.ts'
import type { TaskState } from '#contract/states.ts'

/** How far a project is, from its counts of tasks by state. */
export interface ProjectProgress {
  readonly total: number
  readonly done: number
  readonly running: number
  readonly failed: number
}

const DONE: readonly TaskState[] = ['succeeded', 'skipped']
const FAILED: readonly TaskState[] = ['failed', 'cancelled']

export function progressOf(project: Pick<Project, 'task_counts'>): ProjectProgress {
  const count = (states: readonly TaskState[]) =>
    states.reduce((sum, state) => sum + (project.task_counts[state] ?? 0), 0)
  return {
    total: Object.values(project.task_counts).reduce((sum, value) => sum + value, 0),
    done: count(DONE),
    running: count(['running']),
    failed: count(FAILED),
  }
}
