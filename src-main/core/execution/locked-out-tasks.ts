import type { WriteScopes } from '../lock/write-scopes.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import { type WritingTask, writeClaimOf } from './write-claim.ts'

/** Tasks that wait for another to let go of files (L2). */
export interface LockedOutTasks {
  /**
   * Those of these projects that may go on now, in the order of the queue: no run stands in their way, nor one of them in
   * another's. Not more of a project than may run at once: whichever of them ends asks for the next. The rest stays as it
   * is, for a thousand tasks that want one folder take turns, and each turn must not move them all.
   */
  letIn(projects: ReadonlySet<number>): number[]
}

interface LockedOutRow extends WritingTask {
  readonly id: number
}

export function createLockedOutTasks(store: Store, settings: SettingsStore, writeScopes: WriteScopes): LockedOutTasks {
  // The parameters stand in SELECTs so that the plan is kept (decision 0028): this is asked in each turn.
  const lockedOut = store.sqlite.prepare<{ project: number; step: number }, LockedOutRow>(
    `SELECT id, project_id, title, artifacts, write_scope FROM task
     WHERE state = 'waiting' AND waiting_on = 'lock' AND held = 0 AND project_id = (SELECT @project)
     ORDER BY ready_at - priority * (SELECT @step), id`,
  )
  return {
    letIn(projects) {
      const { priority_step_ms: step, max_concurrent_per_project } = settings.settings()
      return [...projects].flatMap((project) => {
        const rows = lockedOut.all({ project, step })
        if (rows.length === 0) return []
        const claims = rows.map((row) => ({ ...writeClaimOf(row), id: row.id }))
        return writeScopes.together(project, claims, max_concurrent_per_project).map(({ id }) => id)
      })
    },
  }
}
