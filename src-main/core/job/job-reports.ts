import { eq } from 'drizzle-orm'
import { decodeId } from '#contract/ids.ts'
import { OWN_CORE } from '#contract/job-words.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Core, JobReport } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type JobRow, job as jobTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { JobChanges } from './job-changes.ts'
import type { JobClock } from './job-clock.ts'
import type { JobHolds } from './job-holds.ts'
import type { JobView } from './job-view.ts'

/**
 * Takes what workers say of their jobs. A report counts while its lease lasts; a worker that lost it is refused, however late
 * it speaks up. A report without a token is taken as long as it cannot be another worker's: nobody, or one worker only, ever
 * had the job.
 */
export function createJobReports(
  store: Store,
  changes: JobChanges,
  clock: JobClock,
  view: Pick<JobView, 'ofRow'>,
  holds: Pick<JobHolds, 'of'>,
): Core['jobs']['report'] {
  function jobOf(tx: Tx, { task_id, core_id }: JobReport, owner: string | null): Result<JobRow, Refusal> {
    const key = decodeId('job', task_id) ?? -1
    const row = tx.orm.select().from(jobTable).where(eq(jobTable.id, key)).get()
    if (row === undefined || (owner !== null && row.owner !== owner)) {
      return refuse('not_found', `There is no job ${task_id}.`)
    }
    if (core_id !== undefined && core_id !== row.core_id) {
      return refuse('conflict', `${task_id} is a job of "${row.core_id}", not of "${core_id}".`)
    }
    if (row.core_id === OWN_CORE) {
      return refuse('conflict', `${task_id} is carried out by Baton itself, so nobody else reports on it.`)
    }
    return ok(row)
  }

  /** Why a report is not, or not any more, for its sender to make; null where it is. */
  function whyNot(row: JobRow, { task_id, token, status }: JobReport): string | null {
    const held = row.state === 'queued' ? holds.of(row.owner) : null
    if (held !== null) return `Stop working on ${task_id}. ${held}`
    if (token !== undefined && token !== row.token) {
      return `The lease ${token} on ${task_id} was lost. Stop working on it: the job is ${row.state}.`
    }
    if (token === undefined && row.token > 1) {
      return `More than one worker has had ${task_id}. Send the token of the lease along.`
    }
    if (row.state === 'queued' && row.token > 0) {
      return `The lease on ${task_id} was lost or given back. Claim it again before working on it.`
    }
    if (row.state === 'queued' || row.state === 'running' || row.state === status) return null
    return `${task_id} is ${row.state} already: ${row.reason === '' ? 'it has ended.' : row.reason}`
  }

  function apply(tx: Tx, row: JobRow, { status, message, result }: JobReport): void {
    if (status === row.state && status !== 'running') return
    if (status === 'queued') changes.giveBack(tx, row.id, message ?? 'Its worker gave it back.')
    else if (status !== 'running') changes.end(tx, row.id, status, message ?? '', result)
    else if (row.state === 'running') changes.keep(tx, row, message)
    else {
      // Begun by somebody who has claimed nothing: there is no lease, only the time it may take.
      const begun = changes.begin(tx, row.id, { worker: row.core_id, lease_ms: null, session: null })
      if (begun !== null && message !== undefined) changes.keep(tx, begun, message)
    }
  }

  return (report, owner, also) =>
    store.tryWrite((tx) => {
      clock.expire(tx)
      const found = jobOf(tx, report, owner)
      if (!found.ok) return found
      const fault = whyNot(found.value, report)
      if (fault !== null) return refuse('conflict', fault, { status: found.value.state })
      apply(tx, found.value, report)
      also?.(tx)
      const now = tx.orm.select().from(jobTable).where(eq(jobTable.id, found.value.id)).get()
      return ok(view.ofRow(now ?? found.value))
    })
}
