import { eq } from 'drizzle-orm'
import type { EventData } from '#contract/event.ts'
import type { RunKind, RunState, Tier } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import { insertMany } from '../store/insert-many.ts'
import { type RunRow, run as runTable } from '../store/schema.ts'
import { predecessors } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Journal } from './journal.ts'
import { RUN_TRANSITIONS } from './run-states.ts'

const FROM = predecessors(RUN_TRANSITIONS)

export interface NewRun {
  readonly kind: RunKind
  readonly project_id: number
  readonly task_id: number | null
  readonly profile: string
  readonly tier: Tier
  readonly route_reason: string
  readonly note: string
}

export type NewTaskRun = NewRun & { readonly kind: 'task'; readonly task_id: number }

/** Starts and moves runs, with their events. */
export interface RunChanges {
  /** A running run for a task: the queued or waiting one goes on, otherwise a new attempt begins. */
  begin(tx: Tx, run: NewRun): number
  /** The run of a free prompt, whose number is told before anybody has it (G6): queued until its task is claimed. */
  queue(tx: Tx, of: { readonly project_id: number; readonly task_id: number }): number
  /** The same for many tasks at once; the answers are in the same order. */
  beginAll(tx: Tx, tasks: readonly NewTaskRun[]): number[]
  move(tx: Tx, id: number, state: RunState, reason: string, resumes_at?: number | null): boolean
  /** Moves many runs to one state. */
  moveAll(tx: Tx, ids: readonly number[], state: RunState, reason: string): void
}

interface LastRun {
  id: number
  state: RunState
  profile: string | null
  tier: Tier | null
  attempt: number
}

export function createRunChanges(store: Store, events: EventLog, journal: Journal): RunChanges {
  const { sqlite } = store
  const lastOfTask = sqlite.prepare<[number], LastRun>(
    'SELECT id, state, profile, tier, attempt FROM run WHERE task_id = ? ORDER BY id DESC LIMIT 1',
  )
  // What a person has taken back since (E10) is to be done anew: its steps say that files are there which are not.
  const carryOf = sqlite
    .prepare<[number], number | null>(
      `SELECT t.carry_run_id FROM task t JOIN run r ON r.id = t.carry_run_id WHERE t.id = ? AND NOT EXISTS (
         SELECT 1 FROM file_change f JOIN checkpoint c ON c.id = f.undone_by
         WHERE f.task_id = t.id AND c.created_at >= r.created_at)`,
    )
    .pluck()
  const insert = sqlite.prepare<NewRun & { attempt: number; now: number }>(
    `INSERT INTO run (kind, project_id, task_id, attempt, state, profile, tier, route_reason, note, created_at, started_at,
       correlation_id)
     SELECT @kind, @project_id, @task_id, @attempt, 'running', @profile, @tier, @route_reason, @note, @now, @now,
       correlation_id FROM project WHERE id = @project_id`,
  )
  const insertQueued = sqlite.prepare<[number, number, number]>(
    `INSERT INTO run (kind, project_id, task_id, attempt, state, created_at, correlation_id)
     SELECT 'task', id, ?, 1, 'queued', ?, correlation_id FROM project WHERE id = ?`,
  )
  const correlationOf = sqlite
    .prepare<[number], string | null>('SELECT correlation_id FROM project WHERE id = ?')
    .pluck()
  const tried = sqlite
    .prepare<[string], number>(
      'SELECT id FROM task WHERE id IN (SELECT value FROM json_each(?)) AND (attempts > 0 OR carry_run_id IS NOT NULL)',
    )
    .pluck()
  const insertAll = insertMany(sqlite, 'run', [
    'kind',
    'project_id',
    'task_id',
    'attempt',
    'state',
    'profile',
    'tier',
    'route_reason',
    'note',
    'created_at',
    'started_at',
    'correlation_id',
  ])
  const attachAll = sqlite.prepare(
    `UPDATE task SET run_id = e.value ->> 1, attempts = 1 FROM json_each(?) e WHERE task.id = e.value ->> 0`,
  )
  const attach = sqlite.prepare('UPDATE task SET run_id = ?, carry_run_id = NULL, attempts = ? WHERE id = ?')
  const move = sqlite.prepare<Record<string, unknown>, RunRow>(
    `UPDATE run SET state = @state, reason = @reason, resumes_at = @resumes_at,
       started_at = CASE WHEN @state = 'running' THEN coalesce(started_at, @now) ELSE started_at END,
       ended_at = CASE WHEN @state IN ('succeeded', 'failed', 'cancelled') THEN @now ELSE NULL END
     WHERE id IN (SELECT value FROM json_each(@ids)) AND state IN (SELECT value FROM json_each(@from))
     RETURNING id, project_id, task_id, profile`,
  )

  function moveAll(
    tx: Tx,
    ids: readonly number[],
    state: RunState,
    reason: string,
    resumes_at: number | null = null,
  ): number {
    if (ids.length === 0) return 0
    const rows = move.all({ ids: JSON.stringify(ids), state, reason, resumes_at, from: FROM[state], now: Date.now() })
    const told = dataByProfile(state, reason)
    for (const { id: run_id, project_id, task_id, profile } of rows) {
      events.append(tx, 'run.state', { project_id, task_id, run_id }, told(profile))
    }
    return rows.length
  }

  function moveRun(tx: Tx, id: number, state: RunState, reason: string, resumes_at: number | null = null): boolean {
    return moveAll(tx, [id], state, reason, resumes_at) === 1
  }

  /** First attempts: nothing of an earlier run has to be looked for. */
  function insertFirst(tx: Tx, first: readonly NewTaskRun[]): Map<number, number> {
    if (first.length === 0) return new Map()
    const now = Date.now()
    const correlations = new Map(
      [...new Set(first.map((run) => run.project_id))].map((id) => [id, correlationOf.get(id)]),
    )
    const last = insertAll(
      first.map((run) => [
        run.kind,
        run.project_id,
        run.task_id,
        1,
        'running',
        run.profile,
        run.tier,
        run.route_reason,
        run.note,
        now,
        now,
        correlations.get(run.project_id) ?? null,
      ]),
    )
    const byTask = new Map(first.map((run, index) => [run.task_id, last - first.length + 1 + index]))
    attachAll.run(JSON.stringify([...byTask]))
    const told = dataByProfile('running', '')
    for (const { project_id, task_id, profile } of first) {
      const run_id = byTask.get(task_id) ?? null
      events.append(tx, 'run.state', { project_id, task_id, run_id }, told(profile))
    }
    return byTask
  }

  function begin(tx: Tx, run: NewRun): number {
    const last = run.task_id === null ? undefined : lastOfTask.get(run.task_id)
    if (last !== undefined && (last.state === 'waiting' || last.state === 'queued')) {
      // Another model may take over where the first became unavailable; the finished steps stay.
      if (last.profile !== run.profile || last.tier !== run.tier) {
        const { profile, tier, route_reason } = run
        tx.orm.update(runTable).set({ profile, tier, route_reason }).where(eq(runTable.id, last.id)).run()
      }
      moveRun(tx, last.id, 'running', '')
      return last.id
    }
    const attempt = (last?.attempt ?? 0) + 1
    const id = Number(insert.run({ ...run, attempt, now: Date.now() }).lastInsertRowid)
    if (run.task_id !== null) {
      const carry = last === undefined ? null : (carryOf.get(run.task_id) ?? null)
      if (carry !== null) journal.carryOver(tx, carry, id)
      attach.run(id, attempt, run.task_id)
    }
    const subject = { project_id: run.project_id, task_id: run.task_id, run_id: id }
    events.append(tx, 'run.state', subject, { state: 'running', reason: '', profile: run.profile })
    return id
  }

  return {
    queue(tx, { project_id, task_id }) {
      const id = Number(insertQueued.run(task_id, Date.now(), project_id).lastInsertRowid)
      attach.run(id, 1, task_id)
      events.append(
        tx,
        'run.state',
        { project_id, task_id, run_id: id },
        { state: 'queued', reason: '', profile: null },
      )
      return id
    },
    move: moveRun,
    moveAll: (tx, ids, state, reason) => {
      moveAll(tx, ids, state, reason)
    },
    begin,
    beginAll(tx, wanted) {
      const again = new Set(tried.all(JSON.stringify(wanted.map((run) => run.task_id))))
      const first = insertFirst(
        tx,
        wanted.filter((run) => !again.has(run.task_id)),
      )
      return wanted.map((run) => first.get(run.task_id) ?? begin(tx, run))
    },
  }
}

/** What the events of one change say; the same object for all runs of a profile, so that it becomes text once. */
function dataByProfile(state: RunState, reason: string): (profile: string | null) => EventData<'run.state'> {
  const known = new Map<string | null, EventData<'run.state'>>()
  return (profile) => {
    const data = known.get(profile) ?? { state, reason, profile }
    known.set(profile, data)
    return data
  }
}
