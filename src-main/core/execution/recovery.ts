import type { BatchBook } from '../batch/batch-book.ts'
import type { Ledger } from '../budget/ledger.ts'
import type { Log } from '../core.ts'
import type { Failpoint } from '../failpoint.ts'
import type { Leases } from '../lock/leases.ts'
import { ALL_PAUSED } from '../project/project-changes.ts'
import { LOST_CALL } from '../run/journal.ts'
import type { RunChanges } from '../run/run-changes.ts'
import type { Store } from '../store/store.ts'
import type { TaskChanges } from '../task/task-changes.ts'

const SENT_AWAY = 'It was told to stop, and Baton was stopped before it had.'

/**
 * Puts right what a dead process left open (E5), before anything runs: money of calls that were never sent is given back, of
 * sent ones booked in full and flagged; model calls of unknown outcome are marked so and will be asked again under a new
 * reservation, unless they are in a batch, which goes on without Baton; running tasks go back to ready, and their runs go on
 * from the journal; runs that were told to stop are cancelled. Open tool calls are settled when their run comes by them.
 */
export async function recover(
  store: Store,
  ledger: Ledger,
  batches: Pick<BatchBook, 'openReservations'>,
  runs: RunChanges,
  tasks: TaskChanges,
  leases: Pick<Leases, 'releaseRun'>,
  log: Log,
  failpoint: Failpoint,
): Promise<void> {
  const { sqlite } = store
  const stepOfReservation = sqlite.prepare(
    `UPDATE step SET state = @state, error = @error, ended_at = @now WHERE reservation_id = @id AND state = 'sent'`,
  )
  const noteUnknown = sqlite.prepare(
    `INSERT INTO usage_log (ts, day_key, provider, model, profile, project_id, task_id, run_id, step_id, reservation_id, tier, attempt,
       input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, cost_micros, saved_micros, latency_ms, outcome, unconfirmed)
     SELECT @now, v.day_key, v.provider, v.model, s.name, v.project_id, v.task_id, v.run_id, s.id, v.id, r.tier, s.attempt,
       0, 0, 0, 0, @cost, 0, 0, 'lost', 1
     FROM reservation v JOIN step s ON s.reservation_id = v.id AND s.state = 'sent' LEFT JOIN run r ON r.id = v.run_id WHERE v.id = @id`,
  )
  const freeCalls = sqlite.prepare(
    `UPDATE step SET state = 'unknown', error = @error, ended_at = @now
     WHERE state = 'sent' AND kind = 'model' AND reservation_id IS NULL`,
  )
  const openRuns = sqlite
    // The first condition is that of the index of live runs.
    .prepare<[], number>("SELECT id FROM run WHERE state IN ('queued', 'running') AND state = 'running'")
    .pluck()
  /**
   * A person cancelled their project, cancelled or retried their tasks, or a change of the plan says these differently (P7),
   * and the process died before they had ended: as they would have, so that nothing goes on in the middle of them.
   */
  const sentAway = sqlite.prepare<[], { id: number; is_replaced: number }>(
    `SELECT r.id, t.id IS NOT NULL AND t.run_id IS NULL AS is_replaced
     FROM run r JOIN project p ON p.id = r.project_id LEFT JOIN task t ON t.id = r.task_id
     WHERE r.state IN ('queued', 'running') AND r.state = 'running'
       AND iif(t.id IS NULL, p.state = 'cancelled', t.run_id IS NOT r.id OR t.state <> 'running')`,
  )
  const openTasks = sqlite.prepare<[], number>("SELECT id FROM task WHERE state = 'running'").pluck()
  // The last event tells until when the dead process lived.
  const stopClocks = sqlite.prepare(
    `UPDATE project SET working_since = CASE WHEN NOT ${ALL_PAUSED} THEN @now END, worked_ms = worked_ms + max(0, (SELECT ts FROM event ORDER BY seq DESC LIMIT 1) - working_since)
     WHERE working_since IS NOT NULL`,
  )
  const lockedOut = sqlite
    .prepare<[], number>("SELECT id FROM task WHERE state = 'waiting' AND waiting_on = 'lock'")
    .pluck()

  const settled = await store.write((tx) => {
    const now = Date.now()
    const inBatch = batches.openReservations()
    stopClocks.run({ now })
    // What is in a batch, or on its way into one, is not lost with the process.
    const open = ledger.open().filter(({ id }) => !inBatch.has(id))
    for (const { id, state } of open) {
      if (state === 'reserved') {
        ledger.release(tx, id)
        stepOfReservation.run({ id, now, state: 'failed', error: LOST_CALL.unsent })
      } else {
        const cost = ledger.settleUnconfirmed(tx, id)
        noteUnknown.run({ id, now, cost })
        stepOfReservation.run({ id, now, state: 'unknown', error: LOST_CALL.paid })
      }
      failpoint('recovery-settling')
    }
    freeCalls.run({ now, error: LOST_CALL.free })
    for (const { id, is_replaced } of sentAway.all()) {
      leases.releaseRun(tx, id)
      runs.move(tx, id, 'cancelled', is_replaced === 1 ? 'A change of the plan came in between.' : SENT_AWAY)
    }
    for (const id of openRuns.all()) {
      // Nothing runs yet, so no run holds anything, not even one of a core that this very process had before.
      leases.releaseRun(tx, id)
      runs.move(tx, id, 'waiting', 'Baton was stopped in the middle; it goes on from the last finished step.')
    }
    tasks.toReady(tx, openTasks.all())
    tasks.toReady(tx, lockedOut.all())
    return open.length
  })
  if (settled > 0) log.warn('Open paid calls of a dead process were settled', { reservations: settled })
}
