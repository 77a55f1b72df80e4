import type { Project } from '#contract/project.ts'
import type { Result } from '#contract/result.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { HasTasks } from './has-tasks.ts'

export interface StopPlanningParts {
  readonly store: Store
  readonly projects: ProjectView
  readonly steering: Pick<Steering, 'cancelRuns'>
  readonly moveProject: MoveProject
  readonly hasTasks: HasTasks
  /** Ends a run as cancelled; false where it has ended already. */
  endRun(tx: Tx, runId: number, reason: string): boolean
}

const STOPPED = 'Planning was stopped by you.'

/**
 * Stops the planner of a project (P2, P7) and nothing else of it: what was not planned yet is a draft again, a
 * version that was to be revised waits for approval again, what is carried out goes on by its approved plan. The run ends with the commit, so a plan that comes in the same moment counts no more.
 */
export function createStopPlanning(parts: StopPlanningParts): (id: string) => Promise<Result<Project, Refusal>> {
  const { store, projects, steering, moveProject, hasTasks } = parts
  const planRuns = store.sqlite
    .prepare<[number], number>(
      `SELECT id FROM run WHERE project_id = ? AND task_id IS NULL AND kind = 'plan' AND state IN ('queued', 'running', 'waiting')`,
    )
    .pluck()
  const isProposed = store.sqlite
    .prepare<[number], number>("SELECT 1 FROM plan WHERE project_id = ? AND state = 'proposed' LIMIT 1")
    .pluck()
  return async (id) => {
    const found = projects.row(id)
    if (!found.ok) return found
    const key = found.value.id
    const stopped = await store.tryWrite((tx) => {
      const ended = planRuns.all(key).filter((run) => parts.endRun(tx, run, STOPPED))
      if (ended.length === 0) return false
      // Of a revision, the version that was to be revised is still there to be decided on.
      if (!hasTasks(key)) moveProject(tx, key, isProposed.get(key) === 1 ? 'awaiting_approval' : 'draft', STOPPED)
      tx.afterCommit(() => {
        for (const run_id of ended) steering.cancelRuns({ run_id })
      })
      return true
    })
    return stopped ? projects.get(id) : refuse('conflict', 'No plan of this project is being written.')
  }
}
