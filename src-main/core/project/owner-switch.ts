import type { HasTasks } from '../plan/has-tasks.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { MoveProject } from './project-changes.ts'

/** Why a project rests whose owner may not come in any more; also by what it is known when they are let in again. */
export const OWNER_SWITCHED_OFF =
  'Its owner was switched off. It goes on when an admin lets them in again, or resumes it for them.'

export interface OwnerSwitchParts {
  readonly store: Store
  readonly steering: Steering
  readonly moveProject: MoveProject
  readonly hasTasks: HasTasks
  /** Takes their jobs back from outside workers. */
  readonly takeJobsBack: (tx: Tx, owner: string) => void
}

/** Pauses what is under way of an owner (a user's public id), or lets it go on; with the change of the user itself. */
export type OwnerSwitch = (tx: Tx, owner: string, isActive: boolean) => void

/**
 * What somebody set going who was switched off since (S1) spends and changes nothing more: their projects are paused, as a
 * person would pause them, so steps under way end and nothing is lost. Let in again, the same projects go on; one that an
 * admin resumed or cancelled meanwhile is left as it is. Workers lose the lease on their jobs (`job/owner-leaves.ts`);
 * the work of queued jobs is theirs to take back (`own-jobs.ts`).
 */
export function createOwnerSwitch({
  store,
  steering,
  moveProject,
  hasTasks,
  takeJobsBack,
}: OwnerSwitchParts): OwnerSwitch {
  const underWay = store.sqlite
    .prepare<[string], number>(
      `SELECT id FROM project WHERE owner = ? AND state IN ('planning', 'executing', 'waiting')
         AND NOT EXISTS (SELECT 1 FROM job j JOIN run r ON r.id = j.run_id WHERE j.state = 'queued' AND r.project_id = project.id)
       ORDER BY id`,
    )
    .pluck()
  const resting = store.sqlite
    .prepare<[string, string], number>(
      `SELECT id FROM project WHERE owner = ? AND state = 'paused' AND reason = ? ORDER BY id`,
    )
    .pluck()

  return (tx, owner, isActive) => {
    if (!isActive) {
      takeJobsBack(tx, owner)
      for (const id of underWay.all(owner)) {
        if (!moveProject(tx, id, 'paused', OWNER_SWITCHED_OFF)) continue
        tx.afterCommit(() => {
          steering.pauseRuns({ project_id: id })
          steering.wake(id)
        })
      }
      return
    }
    for (const id of resting.all(owner, OWNER_SWITCHED_OFF)) {
      if (!moveProject(tx, id, hasTasks(id) ? 'executing' : 'planning', '')) continue
      tx.afterCommit(() => {
        steering.takeUp(id)
        steering.retryWaiting('resource')
        steering.retryWaiting('budget')
        steering.wake(id)
      })
    }
  }
}
