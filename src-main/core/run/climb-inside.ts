import { eq } from 'drizzle-orm'
import { type TaskRow, task as taskTable } from '../store/schema.ts'
import { type Ending, type Passage, passed, suspendedRun } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'

/**
 * How a free prompt's run goes on at the next tier (G4): other than a task's, which is tried again by another run, it stays
 * one run, because its number is what whoever asked holds. The step up is the beginning of a repair; when it is written down
 * the run is handed over, and finds it written down when it comes here again. Null where the run has failed for good.
 */
export async function climbInside(frame: RunFrame, task: TaskRow, end: Ending): Promise<Passage<void> | null> {
  const { trail, services, project, run } = frame
  if (trail.recorded() !== null) {
    await trail.mark('repair', 'started', '')
    return passed(undefined)
  }
  const { outcome } = end
  if (outcome.kind !== 'failed' || outcome.next === undefined) return null
  const { from, tier, reason } = outcome.next
  const mark = trail.later('repair', 'started', reason, { climbed: { from, to: tier } })
  await services.store.write((tx) => {
    mark(tx)
    tx.orm.update(taskTable).set({ rung: tier, rung_reason: reason }).where(eq(taskTable.id, task.id)).run()
    const subject = { project_id: project.id, task_id: task.id, run_id: run.id }
    services.events.append(tx, 'task.escalated', subject, { from, to: tier, reason })
  })
  return suspendedRun(null, reason)
}
