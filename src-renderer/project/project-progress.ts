import type { Project } from '#contract/project.ts'
import type { TaskState } from '#contract/states.ts'

/** How far a project is, from its counts of tasks by state. What was skipped is not to be done, and was not. */
export interface ProjectProgress {
  readonly total: number
  readonly done: number
  readonly skipped: number
  readonly running: number
  /** Failed, cancelled, or waiting for what did. */
  readonly failed: number
}

const FAILED: readonly TaskState[] = ['failed', 'cancelled', 'blocked']

export function progressOf({ task_counts: counts }: Pick<Project, 'task_counts'>): ProjectProgress {
  return {
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    done: counts.succeeded,
    skipped: counts.skipped,
    running: counts.running,
    failed: FAILED.reduce((sum, state) => sum + counts[state], 0),
  }
}
