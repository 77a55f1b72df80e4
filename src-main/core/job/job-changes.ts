import { eq } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { DispatchJob } from '#contract/job.ts'
import type { JobState } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ClockWatch } from '../process/clock-watch.ts'
import { type JobRow, job as jobTable } from '../store/schema.ts'
import { predecessors } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { JOB_TRANSITIONS } from './job-states.ts'

const FROM = predecessors(JOB_TRANSITIONS)
/** How often a job may be begun before it counts as one that no worker survives. */
export const MAX_ATTEMPTS = 3

export type EndedState = Exclude<JobState, 'queued' | 'running'>

export interface BeginJob {
  readonly worker: string
  /** Null: nobody has to give a sign of life. */
  readonly lease_ms: number | null
  /** The job with which its session began; null: with itself. */
  readonly session: number | null
}

/** Moves jobs, with their events. What may not be does not happen, and is answered with false or null. */
export interface JobChanges {
  /** Answers with its key. */
  queue(tx: Tx, given: DispatchJob, owner: string, order_at: number, created_at?: number): number
  /** Puts it into the session that began with a job. */
  join(tx: Tx, id: number, session: number): void
  begin(tx: Tx, id: number, how: BeginJob): JobRow | null
  /** Back into the queue, at its old place. `uncounted`: that attempt was nobody's fault. */
  giveBack(tx: Tx, id: number, reason: string, uncounted?: boolean): boolean
  /** Prolongs the lease and notes what was said, where something was. */
  keep(tx: Tx, row: JobRow, message: string | undefined): void
  end(tx: Tx, id: number, state: EndedState, reason: string, result?: unknown): boolean
  /** To be done before deadlines are compared: the clock may have been set back, which gives nobody more time. */
  keepUp(tx: Tx): void
  /** Tells after the commit that jobs of a core have moved; as a part of nobody's call, as what follows is everybody's. */
  onChange(listener: (coreId: string) => void): void
  /** Tells after the commit that there may be another moment at which a running job is to be looked after. */
  onDeadline(listener: () => void): void
}

export function createJobChanges(store: Store, events: EventLog, watch: ClockWatch): JobChanges {
  const { sqlite } = store
  const listeners = new Set<(coreId: string) => void>()
  const deadlineListeners = new Set<() => void>()
  const queue = sqlite.prepare(
    `INSERT INTO job (core_id, owner, state, priority, stay, timeout_s, metadata, prompt, order_at, created_at, correlation_id)
     VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const begin = sqlite.prepare<Record<string, unknown>, { core_id: string; attempts: number }>(
    `UPDATE job SET state = 'running', reason = '', worker = @worker, session = coalesce(@session, id), started_at = @now,
       attempts = attempts + 1, token = token + 1, lease_ms = @lease_ms, lease_expires_at = @now + @lease_ms,
       deadline_at = @now + timeout_s * 1000
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) RETURNING core_id, attempts`,
  )
  const giveBack = sqlite.prepare<Record<string, unknown>, { core_id: string; attempts: number }>(
    `UPDATE job SET state = 'queued', reason = @reason, attempts = attempts - @uncounted, lease_ms = NULL,
       lease_expires_at = NULL, deadline_at = NULL
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) RETURNING core_id, attempts`,
  )
  const keep = sqlite.prepare(
    'UPDATE job SET lease_expires_at = ? + lease_ms, message = coalesce(?, message) WHERE id = ?',
  )
  const end = sqlite.prepare<Record<string, unknown>, { core_id: string }>(
    `UPDATE job SET state = @state, reason = @reason, result = @result, ended_at = @now, lease_ms = NULL,
       lease_expires_at = NULL, deadline_at = NULL
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) RETURNING core_id`,
  )
  const forward = sqlite.prepare(
    "UPDATE job SET lease_expires_at = lease_expires_at - @ms, deadline_at = deadline_at - @ms WHERE state = 'running'",
  )
  const join = sqlite.prepare('UPDATE job SET session = ? WHERE id = ?')
  const row = (tx: Tx, id: number): JobRow | null =>
    tx.orm.select().from(jobTable).where(eq(jobTable.id, id)).get() ?? null

  function keepUp(_tx: Tx): void {
    const ms = watch.setBack()
    if (ms > 0) forward.run({ ms })
  }

  function tellQueued(tx: Tx, coreId: string): void {
    tx.afterCommit(() => {
      for (const listener of listeners) listener(coreId)
    })
  }

  function tell(tx: Tx, coreId: string): void {
    tellQueued(tx, coreId)
    tx.afterCommit(() => {
      for (const listener of deadlineListeners) listener()
    })
  }

  return {
    queue(tx, given, owner, order_at, created_at = Date.now()) {
      const { coreId, priority, stay, timeout, prompt = null } = given
      const what = [JSON.stringify(given.metadata), prompt] as const
      const when = [order_at, created_at, tx.correlation_id] as const
      const { lastInsertRowid } = queue.run(coreId, owner, priority, stay ? 1 : 0, timeout, ...what, ...when)
      const id = Number(lastInsertRowid)
      const job_id = encodeId('job', id)
      events.append(tx, 'job.queued', {}, { job_id, core_id: given.coreId, attempt: 0, reason: '' })
      // Nobody has begun it, so nobody can be late with it.
      tellQueued(tx, given.coreId)
      return id
    },
    join: (_tx, id, session) => {
      join.run(session, id)
    },
    begin(tx, id, { worker, lease_ms, session }) {
      keepUp(tx)
      const begun = begin.get({ id, worker, lease_ms, session, now: Date.now(), from: FROM.running })
      if (begun === undefined) return null
      const { core_id, attempts } = begun
      events.append(tx, 'job.started', {}, { job_id: encodeId('job', id), core_id, attempt: attempts, worker })
      tell(tx, core_id)
      return row(tx, id)
    },
    giveBack(tx, id, reason, uncounted = false) {
      const given = giveBack.get({ id, reason, uncounted: uncounted ? 1 : 0, from: FROM.queued })
      if (given === undefined) return false
      const { core_id, attempts } = given
      events.append(tx, 'job.queued', {}, { job_id: encodeId('job', id), core_id, attempt: attempts, reason })
      tell(tx, core_id)
      return true
    },
    keep(tx, { id, core_id, message: before }, message) {
      keepUp(tx)
      keep.run(Date.now(), message ?? null, id)
      if (message !== undefined && message !== before) {
        events.append(tx, 'job.progress', {}, { job_id: encodeId('job', id), core_id, message })
      }
      tell(tx, core_id)
    },
    end(tx, id, state, reason, result) {
      const told = result === undefined ? null : JSON.stringify(result)
      const ended = end.get({ id, state, reason, result: told, now: Date.now(), from: FROM[state] })
      if (ended === undefined) return false
      events.append(tx, 'job.ended', {}, { job_id: encodeId('job', id), core_id: ended.core_id, state, reason })
      tell(tx, ended.core_id)
      return true
    },
    keepUp,
    onChange: (listener) => {
      listeners.add(listener)
    },
    onDeadline: (listener) => {
      deadlineListeners.add(listener)
    },
  }
}
