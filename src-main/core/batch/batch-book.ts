import { eq } from 'drizzle-orm'
import type { BatchRequestState, BatchState } from '#contract/states.ts'
import type { ModelFault } from '../model/fault.ts'
import { type BatchRequestRow, batchRequest, type ModelBatchRow } from '../store/schema.ts'
import { predecessors } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { BATCH_REQUEST_TRANSITIONS, BATCH_TRANSITIONS } from './batch-states.ts'

export type NewBatchRequest = Omit<
  BatchRequestRow,
  'id' | 'batch_id' | 'state' | 'dropped' | 'fault' | 'created_at' | 'ended_at'
>

/** A call that has not ended, as the loop decides about it. */
export interface OpenRequest {
  readonly id: number
  readonly project_id: number
  readonly task_id: number
  readonly step_id: number
  readonly reservation_id: number
  readonly provider: string
  readonly bytes: number
  readonly created_at: number
  /** 1 where its run still waits for it. */
  readonly wanted: number
  /** 1 where a person wants it at once. */
  readonly hurried: number
  /** 1 where nothing of its project may leave this machine. */
  readonly local: number
  /** 1 where its project or its task is paused. */
  readonly paused: number
}

/** A batch that has not ended, with what its calls' people say now. */
export interface OpenBatch extends Omit<ModelBatchRow, 'state'> {
  readonly state: Exclude<BatchState, 'ended'>
  /** How many of its calls are not settled; how many of these are waited for; and how many are wanted at once. */
  readonly open: number
  readonly wanted: number
  readonly hurried: number
  /** Projects whose calls are in it and that are not kept local, as a JSON array. */
  readonly projects: string
}

/** What a task waits for in a batch. */
export interface BatchWait {
  readonly since: number
  readonly requests: number
  readonly state: 'collecting' | BatchState
  readonly provider: string
}

/** The rows of batches and of the calls in them. */
export interface BatchBook {
  add(tx: Tx, request: NewBatchRequest): void
  get(id: number): BatchRequestRow | undefined
  /** The newest call at a place of a run. */
  lastAt(runId: number, key: string): BatchRequestRow | undefined
  /** Moves a call along its table; false where it is somewhere else already. */
  move(tx: Tx, id: number, state: BatchRequestState, fault?: ModelFault): boolean
  /** Its run goes on without it. */
  drop(tx: Tx, id: number): boolean
  collecting(): OpenRequest[]
  openBatches(): OpenBatch[]
  begin(tx: Tx, batch: { provider: string; mark: string; look_at: number }, requestIds: readonly number[]): number
  /** Calls of a batch that are not settled. */
  sentOf(batchId: number): BatchRequestRow[]
  /** Providers' names of batches that this core knows. */
  knows(provider: string, providerId: string): boolean
  moveBatch(tx: Tx, id: number, state: BatchState, providerId?: string): boolean
  /** Counts a look, and says when the next is due. */
  looked(tx: Tx, id: number, lookAt: number): void
  /** A batch is to be looked at now. */
  lookNow(tx: Tx, id: number): void
  /** Reservations that calls hold which have not ended. */
  openReservations(): ReadonlySet<number>
  /** Tasks that wait for a batch although nothing of theirs is open any more, or although they must stay local. */
  calledBack(allLocal: boolean): { id: number; project_id: number }[]
  /** What a run waits for now. */
  waitOf(runId: number): BatchWait | undefined
}

const FROM = predecessors(BATCH_REQUEST_TRANSITIONS)
const BATCH_FROM = predecessors(BATCH_TRANSITIONS)

/** Of a call `q` with its run, task and project, which may all be gone. */
const FACTS = `coalesce(q.dropped = 0 AND r.state IN ('queued', 'running', 'waiting'), 0) AS wanted,
  coalesce(q.dropped = 0 AND r.state IN ('queued', 'running', 'waiting') AND (p.can_wait = 0 OR t.at_once = 1), 0) AS hurried,
  coalesce(p.local_only, 0) AS local, coalesce(t.held = 1 OR p.state NOT IN ('executing', 'waiting'), 0) AS paused`
const WITH_PEOPLE = `LEFT JOIN run r ON r.id = q.run_id LEFT JOIN task t ON t.id = q.task_id LEFT JOIN project p ON p.id = q.project_id`

export function createBatchBook(store: Store): BatchBook {
  const { sqlite, orm } = store
  const last = sqlite
    .prepare<[number, string], number>(
      `SELECT q.id FROM step s JOIN batch_request q ON q.step_id = s.id WHERE s.run_id = +? AND s.key = +?
       ORDER BY q.id DESC LIMIT 1`,
    )
    .pluck()
  const move = sqlite.prepare(
    `UPDATE batch_request SET state = @state, fault = @fault,
       ended_at = CASE WHEN @state IN ('collecting', 'sent') THEN NULL ELSE @now END
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from))`,
  )
  const drop = sqlite.prepare("UPDATE batch_request SET dropped = 1 WHERE id = ? AND state IN ('collecting', 'sent')")
  const collecting = sqlite.prepare<[], OpenRequest>(
    `SELECT q.id, q.project_id, q.task_id, q.step_id, q.reservation_id, q.provider, q.bytes, q.created_at, ${FACTS}
     FROM batch_request q ${WITH_PEOPLE} WHERE q.state IN ('collecting', 'sent') AND q.state = 'collecting' ORDER BY q.id`,
  )
  const openBatches = sqlite.prepare<[], OpenBatch>(
    `SELECT b.*, count(f.batch_id) AS open, coalesce(sum(f.wanted), 0) AS wanted, coalesce(sum(f.hurried), 0) AS hurried,
       json_group_array(DISTINCT f.project_id) FILTER (WHERE f.local = 0) AS projects
     FROM model_batch b LEFT JOIN (SELECT q.batch_id, q.project_id, ${FACTS} FROM batch_request q ${WITH_PEOPLE}
       WHERE q.state IN ('collecting', 'sent') AND q.state = 'sent') f ON f.batch_id = b.id
     WHERE b.state IN ('sending', 'waiting', 'canceling') GROUP BY b.id ORDER BY b.id`,
  )
  const insertBatch = sqlite.prepare(
    `INSERT INTO model_batch (provider, state, mark, requests, look_at, sent_at)
     VALUES (@provider, 'sending', @mark, @requests, @look_at, @now)`,
  )
  const put = sqlite.prepare(
    `UPDATE batch_request SET batch_id = @batch, state = 'sent'
     WHERE id IN (SELECT value FROM json_each(@ids)) AND state IN (SELECT value FROM json_each(@from))`,
  )
  const sentOf = sqlite
    .prepare<[number], number>("SELECT id FROM batch_request WHERE batch_id = ? AND state = 'sent'")
    .pluck()
  const knows = sqlite
    .prepare<[string, string], number>('SELECT 1 FROM model_batch WHERE provider = ? AND provider_id = ?')
    .pluck()
  const moveBatch = sqlite.prepare(
    `UPDATE model_batch SET state = @state, provider_id = coalesce(@provider_id, provider_id),
       ended_at = CASE WHEN @state = 'ended' THEN @now END
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from))`,
  )
  const looked = sqlite.prepare('UPDATE model_batch SET looks = looks + 1, look_at = ? WHERE id = ?')
  const lookNow = sqlite.prepare('UPDATE model_batch SET look_at = 0 WHERE id = ?')
  const reservations = sqlite
    .prepare<[], number>("SELECT reservation_id FROM batch_request WHERE state IN ('collecting', 'sent')")
    .pluck()
  const calledBack = sqlite.prepare<[number], { id: number; project_id: number }>(
    `SELECT t.id, t.project_id FROM task t JOIN project p ON p.id = t.project_id
     WHERE t.state = 'waiting' AND t.waiting_on = 'batch' AND t.held = 0 AND (? = 1 OR p.local_only = 1 OR NOT EXISTS (
       SELECT 1 FROM batch_request q WHERE q.run_id = t.run_id AND q.state IN ('collecting', 'sent') AND q.dropped = 0))`,
  )
  const waitOf = sqlite.prepare<[number], BatchWait>(
    `SELECT q.created_at AS since, coalesce(b.state, 'collecting') AS state, q.provider, coalesce(b.requests,
       (SELECT count(*) FROM batch_request o WHERE o.state IN ('collecting', 'sent') AND o.state = 'collecting'
          AND o.provider = q.provider)) AS requests
     FROM batch_request q LEFT JOIN model_batch b ON b.id = q.batch_id
     WHERE q.run_id = ? AND q.state IN ('collecting', 'sent') AND q.dropped = 0 LIMIT 1`,
  )

  function row(id: number | undefined): BatchRequestRow | undefined {
    if (id === undefined) return undefined
    return orm.select().from(batchRequest).where(eq(batchRequest.id, id)).get()
  }

  return {
    add(tx, request) {
      tx.orm
        .insert(batchRequest)
        .values({ ...request, state: 'collecting', created_at: Date.now() })
        .run()
    },
    get: row,
    lastAt: (runId, key) => row(last.get(runId, key)),
    move(_tx, id, state, fault) {
      const told = fault === undefined ? null : JSON.stringify(fault)
      return move.run({ id, state, fault: told, now: Date.now(), from: FROM[state] }).changes === 1
    },
    drop: (_tx, id) => drop.run(id).changes === 1,
    collecting: () => collecting.all(),
    openBatches: () => openBatches.all(),
    begin(_tx, batch, requestIds) {
      const facts = { ...batch, requests: requestIds.length, now: Date.now() }
      const id = Number(insertBatch.run(facts).lastInsertRowid)
      put.run({ batch: id, ids: JSON.stringify(requestIds), from: FROM.sent })
      return id
    },
    sentOf: (batchId) => sentOf.all(batchId).flatMap((id) => row(id) ?? []),
    knows: (provider, providerId) => knows.get(provider, providerId) === 1,
    moveBatch(_tx, id, state, providerId) {
      const to = { id, state, provider_id: providerId ?? null, now: Date.now(), from: BATCH_FROM[state] }
      return moveBatch.run(to).changes === 1
    },
    looked: (_tx, id, lookAt) => {
      looked.run(lookAt, id)
    },
    lookNow: (_tx, id) => {
      lookNow.run(id)
    },
    openReservations: () => new Set(reservations.all()),
    calledBack: (allLocal) => calledBack.all(allLocal ? 1 : 0),
    waitOf: (runId) => waitOf.get(runId),
  }
}
