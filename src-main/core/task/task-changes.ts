import type { TaskState, WaitingOn } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import type { TaskRow } from '../store/schema.ts'
import { predecessors } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import { hasMembers } from '../store/text-list.ts'
import type { Tx } from '../store/write-queue.ts'
import { isVerifiable } from './is-verifiable.ts'
import { BEGUN_ANEW_FROM, BLOCKING, SATISFYING, TAKEN_BACK_FROM, TASK_TRANSITIONS } from './task-states.ts'

const FROM = predecessors(TASK_TRANSITIONS)

/** What a task's row says that decides where it queues. */
export interface ReadyRow {
  readonly id: number
  readonly project_id: number
  readonly type: string
  readonly complexity: string
  readonly tier: string | null
  /** The tier at which it goes on after others failed it. */
  readonly rung: string | null
  /** 1 where something says when it is done: files, criteria or a command. */
  readonly verifiable: number
  readonly priority: number
  readonly ready_at: number
}

/** A task's row as the queue takes it. */
export function readyRowOf(row: TaskRow): ReadyRow {
  const { id, project_id, type, complexity, tier, rung, priority } = row
  const verifiable = isVerifiable(row) ? 1 : 0
  return { id, project_id, type, complexity, tier, rung, verifiable, priority, ready_at: row.ready_at ?? Date.now() }
}

export interface Waiting {
  readonly waiting_on: WaitingOn
  readonly reason: string
  readonly resumes_at: number | null
}

/** A task, and the run that works on it. */
export interface RunOfTask {
  readonly task_id: number
  readonly project_id: number
  readonly run_id: number
}

/**
 * Every change of task states, set-wise and only along the transition table; each tells its event in the same transaction.
 * Ids that may not make the transition are left alone.
 */
export interface TaskChanges {
  /**
   * What runs or waits is to be queued again. Answers with the rows that became ready, for the queue. Ended tasks stay ended:
   * who asks may have looked a while ago.
   */
  toReady(tx: Tx, ids: readonly number[], reason?: string): ReadyRow[]
  /** Tasks that go on. */
  toRunning(tx: Tx, ids: readonly number[]): number[]
  /** Ready tasks begin their first attempt, as these runs, which are still to be written. Answers with those that began. */
  start<Run extends RunOfTask>(tx: Tx, runs: readonly Run[]): Run[]
  toWaiting(tx: Tx, ids: readonly number[], waiting: Waiting): number[]
  /** Ends tasks. Dependants become ready or blocked; answers with those that became ready. */
  end(
    tx: Tx,
    ids: readonly number[],
    state: 'succeeded' | 'failed' | 'cancelled' | 'skipped',
    reason: string,
  ): { ended: number[]; ready: ReadyRow[] }
  /** Tasks succeed that still run as these runs; the rest is as with `end`. */
  succeed(tx: Tx, runs: readonly RunOfTask[]): { ended: number[]; ready: ReadyRow[] }
  /** Lets what was blocked behind these tasks wait for them again. Answers with what became ready. */
  unblock(tx: Tx, ids: readonly number[]): ReadyRow[]
  /** A failed or cancelled task is to be done again: ready, or pending where its dependencies are not met. */
  reopen(tx: Tx, id: number): ReadyRow[]
  /**
   * The files of these tasks were put back: what had succeeded or failed, or goes on with them already, is cancelled, and can
   * be retried. Dependants that have not run yet are blocked; those that have, stay.
   */
  takeBack(tx: Tx, ids: readonly number[], reason: string): void
  /** An approved change of the plan says these open tasks differently (P7): they are pending until `arrange`. */
  beginAnew(tx: Tx, ids: readonly number[]): void
  /**
   * The dependencies of these tasks, which are all of a plan, were written anew: counts what each still needs, and lets what
   * has not begun wait, be blocked or be ready. Answers with what became ready.
   */
  arrange(tx: Tx, ids: readonly number[]): ReadyRow[]
  /** Whether a task is ready now, as the queue takes it. */
  readyNow(id: number): ReadyRow[]
  /** Tasks that are ready now, of all projects or one. */
  ready(): ReadyRow[]
}

interface Changed {
  readonly id: number
  readonly project_id: number
  readonly unmet_dependencies: number
}

/** SQL for whether something says when a row of `task` is done: 1 or 0. */
export const IS_VERIFIABLE = `(${hasMembers('artifacts')} OR ${hasMembers('acceptance')} OR coalesce(verify_command, '') <> '')`
const NO_WAIT = { waiting_on: null, resumes_at: null }
const SATISFIED = JSON.stringify(SATISFYING)

export function createTaskChanges(store: Store, events: EventLog): TaskChanges {
  const { sqlite } = store
  const move = sqlite.prepare<Record<string, unknown>, Changed>(
    `UPDATE task SET state = @state, waiting_on = @waiting_on, reason = @reason, resumes_at = @resumes_at,
       started_at = CASE WHEN @state = 'running' THEN coalesce(started_at, @now) ELSE started_at END,
       ended_at = CASE WHEN @state IN ('succeeded', 'failed', 'cancelled', 'skipped') THEN @now ELSE NULL END,
       held = CASE WHEN @state IN ('succeeded', 'failed', 'cancelled', 'skipped') THEN 0 ELSE held END
     WHERE id IN (SELECT value FROM json_each(@ids)) AND state IN (SELECT value FROM json_each(@from)) AND (@held IS NULL OR held = @held)
     RETURNING id, project_id, unmet_dependencies`,
  )
  // The two moves that every task makes. One by one they cost less than set-wise with the rows given back.
  const start = sqlite.prepare<[number, number, number]>(
    `UPDATE task SET state = 'running', waiting_on = NULL, reason = '', resumes_at = NULL, ended_at = NULL,
       started_at = coalesce(started_at, ?), run_id = ?, attempts = 1 WHERE id = ? AND state = 'ready' AND held = 0`,
  )
  const succeed = sqlite.prepare<[number, number, number]>(
    `UPDATE task SET state = 'succeeded', waiting_on = NULL, reason = '', resumes_at = NULL, ended_at = ?, held = 0
     WHERE id = ? AND run_id = ? AND state = 'running'`,
  )
  // Counted once for all, and what became free is found afterwards, as it becomes ready: half of what it costs to count for
  // each row and to give all of them back.
  const unlock = sqlite.prepare<[string]>(
    `UPDATE task SET unmet_dependencies = unmet_dependencies - met.count
     FROM (SELECT task_id, count(*) AS count FROM json_each(?) ended
       CROSS JOIN task_dependency ON depends_on_id = ended.value GROUP BY task_id) met
     WHERE task.id = met.task_id`,
  )
  const succeeded = sqlite
    .prepare<[string], number>(
      "SELECT id FROM task WHERE state = 'succeeded' AND id IN (SELECT value FROM json_each(?))",
    )
    .pluck()
  /** The reverse of `unlock`. */
  const lock = sqlite.prepare<{ ids: string }>(
    `UPDATE task SET unmet_dependencies = unmet_dependencies +
       (SELECT count(*) FROM task_dependency d WHERE d.task_id = task.id AND d.depends_on_id IN (SELECT value FROM json_each(@ids)))
     WHERE id IN (SELECT task_id FROM task_dependency WHERE depends_on_id IN (SELECT value FROM json_each(@ids)))`,
  )
  const directDependants = sqlite
    .prepare<[string], number>(
      'SELECT DISTINCT task_id FROM task_dependency WHERE depends_on_id IN (SELECT value FROM json_each(?))',
    )
    .pluck()
  const dependants = sqlite
    .prepare<{ ids: string; states: string; satisfying: string }, number>(
      // What was skipped or has succeeded keeps nothing back, whatever failed before it.
      `WITH RECURSIVE closure(id) AS (
         SELECT task_id FROM task_dependency WHERE depends_on_id IN (SELECT value FROM json_each(@ids))
         UNION SELECT d.task_id FROM task_dependency d JOIN closure c ON d.depends_on_id = c.id JOIN task t ON t.id = c.id
           WHERE t.state NOT IN (SELECT value FROM json_each(@satisfying)))
       SELECT id FROM task WHERE id IN closure AND state IN (SELECT value FROM json_each(@states))`,
    )
    .pluck()
  const blockers = sqlite
    .prepare<{ ids: string; states: string }, number>(
      `SELECT DISTINCT t.id FROM task t WHERE t.state IN (SELECT value FROM json_each(@states))
         AND t.project_id IN (SELECT project_id FROM task WHERE id IN (SELECT value FROM json_each(@ids)))`,
    )
    .pluck()
  const titles = sqlite.prepare<[string], { id: number; title: string; state: TaskState }>(
    'SELECT id, title, state FROM task WHERE id IN (SELECT value FROM json_each(?))',
  )
  const count = sqlite.prepare<{ ids: string; satisfying: string }>(
    `UPDATE task SET unmet_dependencies = (SELECT count(*) FROM task_dependency d JOIN task n ON n.id = d.depends_on_id
       WHERE d.task_id = task.id AND n.state NOT IN (SELECT value FROM json_each(@satisfying)))
     WHERE id IN (SELECT value FROM json_each(@ids))`,
  )
  const free = sqlite
    .prepare<[string], number>(
      "SELECT id FROM task WHERE state = 'pending' AND unmet_dependencies = 0 AND id IN (SELECT value FROM json_each(?))",
    )
    .pluck()
  const unmet = sqlite.prepare<[number], number>('SELECT unmet_dependencies FROM task WHERE id = ?').pluck()
  const readyColumns = `id, project_id, type, complexity, tier, rung, ${IS_VERIFIABLE} AS verifiable, priority,
    coalesce(ready_at, created_at) AS ready_at`
  const readyRows = sqlite.prepare<[], ReadyRow>(`SELECT ${readyColumns} FROM task WHERE state = 'ready' AND held = 0`)
  const readyRow = sqlite.prepare<[number], ReadyRow>(
    `SELECT ${readyColumns} FROM task WHERE state = 'ready' AND held = 0 AND id = ?`,
  )
  /** As `move`, with what the queue needs. */
  const becomeReady = (which: string) =>
    sqlite.prepare<Record<string, unknown>, ReadyRow & { readonly held: number }>(
      `UPDATE task SET state = 'ready', waiting_on = NULL, reason = @reason, resumes_at = NULL,
       ready_at = coalesce(ready_at, @now), ended_at = NULL
     WHERE ${which} RETURNING ${readyColumns}, held`,
    )
  const makeReady = becomeReady(
    'id IN (SELECT value FROM json_each(@ids)) AND state IN (SELECT value FROM json_each(@from))',
  )
  const makeUnlockedReady = becomeReady(
    `state = 'pending' AND unmet_dependencies = 0
       AND id IN (SELECT task_id FROM json_each(@ids) ended CROSS JOIN task_dependency ON depends_on_id = ended.value)`,
  )

  function change(
    tx: Tx,
    ids: readonly number[],
    state: Exclude<TaskState, 'ready'>,
    reason: string,
    wait: { waiting_on: WaitingOn | null; resumes_at: number | null } = NO_WAIT,
    held: number | null = null,
    from: string = FROM[state],
  ): Changed[] {
    if (ids.length === 0) return []
    const changed = move.all({
      ids: JSON.stringify(ids),
      state,
      from,
      reason,
      now: Date.now(),
      held,
      ...wait,
    })
    const data = { state, waiting_on: wait.waiting_on, reason }
    for (const { id: task_id, project_id } of changed) {
      events.append(tx, 'task.state', { project_id, task_id }, data)
    }
    return changed
  }

  /** Tells of tasks that became one state without a reason. */
  function tellAll(tx: Tx, runs: readonly RunOfTask[], state: TaskState): void {
    const data = { state, waiting_on: null, reason: '' }
    for (const { task_id, project_id } of runs) events.append(tx, 'task.state', { project_id, task_id }, data)
  }

  function block(tx: Tx, ids: readonly number[]): void {
    if (ids.length === 0) return
    for (const cause of titles.all(JSON.stringify(ids))) {
      const behind = dependants.all({ ids: JSON.stringify([cause.id]), states: '["pending"]', satisfying: SATISFIED })
      const became = cause.state === 'cancelled' ? 'was cancelled' : 'failed'
      change(tx, behind, 'blocked', `Needs "${cause.title}", which ${became}. Retry or skip that task first.`)
    }
  }

  function forQueue(tx: Tx, ids: readonly number[], reason: string, from: string = FROM.ready): ReadyRow[] {
    if (ids.length === 0) return []
    return tellReady(tx, makeReady.all({ ids: JSON.stringify(ids), from, reason, now: Date.now() }), reason)
  }

  /** Leaves the held ones out: they are ready, but not for the queue. */
  function tellReady(tx: Tx, rows: readonly (ReadyRow & { readonly held: number })[], reason: string): ReadyRow[] {
    const data = { state: 'ready' as const, waiting_on: null, reason }
    const free: ReadyRow[] = []
    for (const row of rows) {
      events.append(tx, 'task.state', { project_id: row.project_id, task_id: row.id }, data)
      if (row.held === 0) free.push(row)
    }
    return free
  }

  function serveDependants(tx: Tx, ids: readonly number[]): ReadyRow[] {
    const ended = JSON.stringify(ids)
    unlock.run(ended)
    return tellReady(tx, makeUnlockedReady.all({ ids: ended, reason: '', now: Date.now() }), '')
  }

  /** Blocks what is pending behind any failed or cancelled task in the projects of these tasks. */
  function blockAgain(tx: Tx, ids: readonly number[]): void {
    block(tx, blockers.all({ ids: JSON.stringify(ids), states: JSON.stringify(BLOCKING) }))
  }

  function unblock(tx: Tx, ids: readonly number[]): ReadyRow[] {
    const behind = dependants.all({ ids: JSON.stringify(ids), states: '["blocked"]', satisfying: SATISFIED })
    if (behind.length === 0) return []
    const pending = change(tx, behind, 'pending', '')
    blockAgain(tx, ids)
    return forQueue(
      tx,
      pending.filter((row) => row.unmet_dependencies === 0).map((row) => row.id),
      '',
    )
  }

  return {
    toReady: (tx, ids, reason = '') => forQueue(tx, ids, reason, '["running", "waiting"]'),
    toRunning: (tx, ids) => change(tx, ids, 'running', '', NO_WAIT, 0).map((row) => row.id),
    start(tx, runs) {
      const now = Date.now()
      const started = runs.filter(({ task_id, run_id }) => start.run(now, run_id, task_id).changes === 1)
      tellAll(tx, started, 'running')
      return started
    },
    toWaiting: (tx, ids, { waiting_on, reason, resumes_at }) =>
      change(tx, ids, 'waiting', reason, { waiting_on, resumes_at }).map((row) => row.id),
    end(tx, ids, state, reason) {
      const ended = change(tx, ids, state, reason).map((row) => row.id)
      if (ended.length === 0) return { ended, ready: [] }
      if (!SATISFYING.includes(state)) {
        block(tx, ended)
        return { ended, ready: [] }
      }
      const served = serveDependants(tx, ended)
      return { ended, ready: state === 'skipped' ? [...served, ...unblock(tx, ended)] : served }
    },
    succeed(tx, runs) {
      const now = Date.now()
      const ended = runs.filter(({ task_id, run_id }) => succeed.run(now, task_id, run_id).changes === 1)
      tellAll(tx, ended, 'succeeded')
      const ids = ended.map(({ task_id }) => task_id)
      return { ended: ids, ready: ids.length === 0 ? [] : serveDependants(tx, ids) }
    },
    unblock,
    reopen(tx, id) {
      const isFree = (unmet.get(id) ?? 0) === 0
      if (!isFree && change(tx, [id], 'pending', '').length > 0) blockAgain(tx, [id])
      return [...(isFree ? forQueue(tx, [id], '') : []), ...unblock(tx, [id])]
    },
    takeBack(tx, ids, reason) {
      const served = succeeded.all(JSON.stringify(ids))
      const taken = change(tx, ids, 'cancelled', reason, NO_WAIT, null, JSON.stringify(TAKEN_BACK_FROM))
      lock.run({ ids: JSON.stringify(served) })
      const behind = directDependants.all(JSON.stringify(served))
      change(tx, behind, 'pending', '', NO_WAIT, null, '["ready", "waiting"]')
      block(
        tx,
        taken.map((row) => row.id),
      )
    },
    beginAnew: (tx, ids) => void change(tx, ids, 'pending', '', NO_WAIT, null, JSON.stringify(BEGUN_ANEW_FROM)),
    arrange(tx, ids) {
      const all = JSON.stringify(ids)
      count.run({ ids: all, satisfying: SATISFIED })
      change(tx, ids, 'pending', '', NO_WAIT, null, '["blocked"]')
      blockAgain(tx, ids)
      return forQueue(tx, free.all(all), '')
    },
    readyNow: (id) => readyRow.all(id),
    ready: () => readyRows.all(),
  }
}
