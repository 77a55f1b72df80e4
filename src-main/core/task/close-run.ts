import type { EventLog } from '../event/event-log.ts'
import type { TaskRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** A run that waits with its task ends with it; otherwise a later attempt would go on in the middle of it. */
export type CloseWaitingRun = (tx: Tx, row: Pick<TaskRow, 'id' | 'project_id' | 'run_id'>, reason: string) => void

export function createCloseWaitingRun(store: Store, events: EventLog): CloseWaitingRun {
  const closeRun = store.sqlite
    .prepare<[string, number, number], string | null>(
      `UPDATE run SET state = 'cancelled', reason = ?, resumes_at = NULL, ended_at = ? WHERE id = ? AND state IN ('queued', 'waiting')
       RETURNING profile`,
    )
    .pluck()
  return (tx, row, reason) => {
    if (row.run_id === null) return
    const profile = closeRun.get(reason, Date.now(), row.run_id)
    if (profile === undefined) return
    const subject = { project_id: row.project_id, task_id: row.id, run_id: row.run_id }
    events.append(tx, 'run.state', subject, { state: 'cancelled', reason, profile })
  }
}
