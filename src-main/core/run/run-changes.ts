import { eq } from 'drizzle-orm'
import type { EventData } from '#contract/event.ts'
import type { RunKind, RunState, Tier } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import { insertAlike } from '../store/insert-many.ts'
import { type RunRow, run as runTable } from '../store/schema.ts'
import { predecessors } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { RunOfTask, TaskChanges } from '../task/task-changes.ts'
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

/** `tried`: there were runs for this task, or there are finished steps to take over. */
export type NewTaskRun = NewRun & { readonly kind: 'task'; readonly task_id: number; readonly tried: boolean }

/** A run that ends. `profile`: that it began with. */
export interface EndingRun extends RunOfTask {
  readonly profile: string
}

/** Starts and moves runs, with their events. */
export interface RunChanges {
  /** A running run for a task: the queued or waiting one goes on, otherwise a new attempt begins. */
  begin(tx: Tx, run: NewRun): number
  /** The run of a free prompt, whose number is told before anybody has it (G6): queued until its task is claimed. */
  queue(tx: Tx, of: { readonly project_id: number; readonly task_id: number }): number
  /** The same for many ready tasks at once, which become running. Answers with the runs by task, without those that cannot. */
  beginAll(tx: Tx, tasks: readonly NewTaskRun[]): ReadonlyMap<number, number>
  move(tx: Tx, id: number, state: RunState, reason: string, resumes_at?: number | null): boolean
  /** Runs that succeeded end. */
  succeed(tx: Tx, runs: readonly EndingRun[]): void
}

interface LastRun {
  id: number
  state: RunState
  profile: string | null
  tier: Tier | null
  attempt: number
}

export function createRunChanges(
  store: Store,
  events: EventLog,
  journal: Journal,
  tasks: Pick<TaskChanges, 'start' | 'toRunning'>,
): RunChanges {
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
  // Numbers are never used again, as AUTOINCREMENT has it.
  const lastId = sqlite.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'run'").pluck()
  const insertAll = insertAlike(
    sqlite,
    'run',
    [
      'kind',
      'attempt',
      'state',
      'profile',
      'tier',
      'route_reason',
      'note',
      'created_at',
      'started_at',
      'correlation_id',
      'project_id',
    ],
    ['id', 'task_id'],
  )
  const attach = sqlite.prepare('UPDATE task SET run_id = ?, carry_run_id = NULL, attempts = ? WHERE id = ?')
  const takeNothingOver = sqlite.prepare(
    'UPDATE task SET carry_run_id = NULL WHERE id = ? AND carry_run_id IS NOT NULL',
  )
  const move = sqlite.prepare<Record<string, unknown>, RunRow>(
    `UPDATE run SET state = @state, reason = @reason, resumes_at = @resumes_at,
       started_at = CASE WHEN @state = 'running' THEN coalesce(started_at, @now) ELSE started_at END,
       ended_at = CASE WHEN @state IN ('succeeded', 'failed', 'cancelled') THEN @now ELSE NULL END
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) RETURNING project_id, task_id, profile`,
  )
  // As nearly all runs end; one by one costs less than set-wise with the rows given back.
  const succeed = sqlite.prepare<[number, number, string]>(
    `UPDATE run SET state = 'succeeded', reason = '', resumes_at = NULL, ended_at = ?
     WHERE id = ? AND state = 'running' AND profile = ?`,
  )

  function moveRun(tx: Tx, id: number, state: RunState, reason: string, resumes_at: number | null = null): boolean {
    const row = move.get({ id, state, reason, resumes_at, from: FROM[state], now: Date.now() })
    if (row === undefined) return false
    const { project_id, task_id, profile } = row
    events.append(tx, 'run.state', { project_id, task_id, run_id: id }, { state, reason, profile })
    return true
  }

  /** First attempts: nothing of an earlier run has to be looked for. */
  function beginFirst(tx: Tx, wanted: readonly NewTaskRun[]): (NewTaskRun & { run_id: number })[] {
    if (wanted.length === 0) return []
    const last = lastId.get() ?? 0
    const begun = tasks.start(
      tx,
      wanted.map((run, index) => ({ ...run, run_id: last + 1 + index })),
    )
    const now = Date.now()
    const correlations = new Map(
      [...new Set(begun.map((run) => run.project_id))].map((id) => [id, correlationOf.get(id) ?? null]),
    )
    insertAll(
      begun.map((run) => [
        run.kind,
        1,
        'running',
        run.profile,
        run.tier,
        run.route_reason,
        run.note,
        now,
        now,
        correlations.get(run.project_id) ?? null,
        run.project_id,
        run.run_id,
        run.task_id,
      ]),
    )
    tellAll(tx, begun, 'running')
    return begun
  }

  /** Tells of runs that became one state without a reason; the same object for all of a profile becomes text once. */
  function tellAll(tx: Tx, all: readonly EndingRun[], state: RunState): void {
    const told = new Map<string, EventData<'run.state'>>()
    for (const { project_id, task_id, run_id, profile } of all) {
      const data = told.get(profile) ?? { state, reason: '', profile }
      told.set(profile, data)
      events.append(tx, 'run.state', { project_id, task_id, run_id }, data)
    }
  }

  function begin(tx: Tx, run: NewRun): number {
    const last = run.task_id === null ? undefined : lastOfTask.get(run.task_id)
    if (last !== undefined && (last.state === 'waiting' || last.state === 'queued')) {
      // Another model may take over where the first became unavailable; the finished steps stay.
      if (last.profile !== run.profile || last.tier !== run.tier) {
        const { profile, tier, route_reason } = run
        tx.orm.update(runTable).set({ profile, tier, route_reason }).where(eq(runTable.id, last.id)).run()
      }
      // It goes on with its own steps. The attempt after it, which may be another model's, takes over what is asked for then.
      takeNothingOver.run(run.task_id)
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
    succeed(tx, ending) {
      const now = Date.now()
      const ended = ending.filter(({ run_id, profile }) => succeed.run(now, run_id, profile).changes === 1)
      tellAll(tx, ended, 'succeeded')
      if (ended.length === ending.length) return
      // One that was handed on to another model says so in its row; one that has ended stays as it is.
      const told = new Set(ended)
      for (const run of ending) if (!told.has(run)) moveRun(tx, run.run_id, 'succeeded', '')
    },
    begin,
    beginAll(tx, wanted) {
      const first = beginFirst(
        tx,
        wanted.filter((run) => !run.tried),
      )
      const begun = new Map(first.map(({ task_id, run_id }) => [task_id, run_id]))
      const again = new Map(wanted.filter((run) => run.tried).map((run) => [run.task_id, run]))
      for (const id of tasks.toRunning(tx, [...again.keys()])) {
        const run = again.get(id)
        if (run !== undefined) begun.set(id, begin(tx, run))
      }
      return begun
    },
  }
}
