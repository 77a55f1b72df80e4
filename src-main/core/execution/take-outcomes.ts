import type { Ledger } from '../budget/ledger.ts'
import type { EventLog } from '../event/event-log.ts'
import type { HasTasks } from '../plan/has-tasks.ts'
import type { PastTasks } from '../plan/past-tasks.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { NextTier, RunEnd, RunOutcome } from '../run/outcome.ts'
import type { EndingRun, RunChanges } from '../run/run-changes.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ReadyRow, TaskChanges } from '../task/task-changes.ts'
import type { ActiveRun } from './active-runs.ts'
import type { ProjectEnd } from './project-end.ts'

export interface EndedRun extends RunEnd {
  readonly run: ActiveRun
}

/** Turns how runs ended into the states of their tasks or projects, inside a turn. */
export interface Outcomes {
  /** Answers with the tasks that became ready by them. */
  take(tx: Tx, ended: readonly EndedRun[]): ReadyRow[]
  /** Tasks that were denied money because other calls held it, where some was given back since. Forgets them; plans go on by their time. */
  askAgain(tx: Tx): number[]
}

interface Succeeded extends EndingRun {
  readonly output: string
}

type Unsuccessful = Exclude<RunOutcome, { kind: 'succeeded' }>
type Suspended = Extract<RunOutcome, { kind: 'suspended' }>

export function createOutcomes(
  store: Store,
  events: EventLog,
  ledger: Ledger,
  tasks: TaskChanges,
  runs: RunChanges,
  moveProject: MoveProject,
  projectEnd: ProjectEnd,
  pastTasks: Pick<PastTasks, 'record'>,
  hasTasks: HasTasks,
): Outcomes {
  const current = store.sqlite
    .prepare<[number, number], number>("SELECT 1 FROM task WHERE id = ? AND run_id = ? AND state = 'running'")
    .pluck()
  const setRung = store.sqlite
    .prepare<[string, string, number], number>(
      'UPDATE task SET rung = ?, rung_reason = ? WHERE id = ? RETURNING project_id',
    )
    .pluck()
  const setOutput = store.sqlite.prepare('UPDATE task SET output = ? WHERE id = ?')
  // Something else may have set a denied task going already.
  const stillWaiting = store.sqlite
    .prepare<[string], number>(
      `SELECT id FROM task WHERE state = 'waiting' AND waiting_on = 'budget' AND held = 0
         AND id IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
  /** By task: the ledger's generation at its denial. */
  const denied = new Map<number, number>()
  /** The same by run, for those that plan a project. */
  const deniedPlans = new Map<number, number>()
  const noteWait = store.sqlite.prepare('UPDATE project SET plan_waits_on = ? WHERE id = ?')
  const goOn = store.sqlite.prepare("UPDATE run SET resumes_at = ? WHERE id = ? AND state = 'waiting'")

  /** All that succeeded in this turn, in a few statements however many they are. */
  function takeSuccesses(tx: Tx, succeeded: readonly Succeeded[]): ReadyRow[] {
    if (succeeded.length === 0) return []
    runs.succeed(tx, succeeded)
    const { ended, ready } = tasks.succeed(tx, succeeded)
    const isEnded = new Set(ended)
    for (const { task_id, output } of succeeded)
      if (output !== '' && isEnded.has(task_id)) setOutput.run(output, task_id)
    // A row of history costs as much as the end of a task. Of many that end in the same moment one is enough to learn from.
    pastTasks.record(tx, ended.slice(0, 1))
    if (ended.length === succeeded.length) return ready
    return [...ready, ...succeeded.flatMap(({ task_id }) => (isEnded.has(task_id) ? [] : tasks.readyNow(task_id)))]
  }

  /** A task that was cancelled or taken over meanwhile keeps its state; only the run is closed. */
  function takeTask(tx: Tx, runId: number, taskId: number, outcome: Unsuccessful): ReadyRow[] {
    const isCurrent = current.get(taskId, runId) === 1
    if (outcome.kind === 'suspended') return suspendTask(tx, runId, taskId, outcome, isCurrent)
    runs.move(tx, runId, outcome.kind, outcome.reason)
    // What was kept back until this run had ended goes on.
    if (!isCurrent) return tasks.readyNow(taskId)
    if (outcome.kind === 'failed' && outcome.next !== undefined) return climb(tx, runId, taskId, outcome.next)
    return tasks.end(tx, [taskId], outcome.kind, outcome.reason).ready
  }

  /** The next tier takes over: the task queues again, and its next run is a new attempt there (G4). */
  function climb(tx: Tx, runId: number, taskId: number, { from, tier, reason }: NextTier): ReadyRow[] {
    const project_id = setRung.get(tier, reason, taskId)
    if (project_id === undefined) return []
    events.append(tx, 'task.escalated', { project_id, task_id: taskId, run_id: runId }, { from, to: tier, reason })
    return tasks.toReady(tx, [taskId], reason)
  }

  function suspendTask(tx: Tx, runId: number, taskId: number, outcome: Suspended, isCurrent: boolean): ReadyRow[] {
    const { waiting_on, reason, resumes_at, denied_at } = outcome
    runs.move(tx, runId, isCurrent ? 'waiting' : 'cancelled', reason, resumes_at)
    if (!isCurrent) return tasks.readyNow(taskId)
    const freedMeanwhile = denied_at !== undefined && denied_at !== ledger.generation()
    if (waiting_on === null || freedMeanwhile) return tasks.toReady(tx, [taskId], reason)
    if (denied_at !== undefined) denied.set(taskId, denied_at)
    tasks.toWaiting(tx, [taskId], { waiting_on, reason, resumes_at })
    return []
  }

  /** A project that is carried out goes on by its approved plan, whatever becomes of the new one (P7). */
  function takePlan(tx: Tx, run: ActiveRun, outcome: RunOutcome): void {
    switch (outcome.kind) {
      case 'succeeded':
        // A person may have stopped it in this very moment.
        if (runs.move(tx, run.run_id, 'succeeded', '') && outcome.plan !== undefined)
          projectEnd.propose(tx, run.project_id, outcome.plan)
        return
      case 'suspended':
        if (!runs.move(tx, run.run_id, 'waiting', outcome.reason, outcome.resumes_at)) return
        noteWait.run(outcome.waiting_on, run.project_id)
        if (outcome.denied_at !== undefined) deniedPlans.set(run.run_id, outcome.denied_at)
        if (outcome.waiting_on !== null && !hasTasks(run.project_id))
          moveProject(tx, run.project_id, 'waiting', outcome.reason)
        return
      case 'failed':
      case 'cancelled':
        if (!runs.move(tx, run.run_id, outcome.kind, outcome.reason)) return
        if (outcome.kind === 'failed' && !hasTasks(run.project_id))
          moveProject(tx, run.project_id, 'failed', outcome.reason)
    }
  }

  function takeSummary(tx: Tx, run: ActiveRun, outcome: RunOutcome): void {
    if (outcome.kind === 'suspended' && outcome.waiting_on === null) {
      runs.move(tx, run.run_id, 'waiting', outcome.reason)
      return
    }
    // The work is done; a closing note is not worth waiting for money or a server.
    const text = outcome.kind === 'succeeded' ? outcome.output : ''
    const reason = outcome.kind === 'succeeded' ? '' : outcome.reason
    runs.move(tx, run.run_id, outcome.kind === 'suspended' ? 'failed' : outcome.kind, reason)
    projectEnd.finish(tx, run.project_id, text === '' ? null : run.profile, text)
  }

  return {
    take(tx, ended) {
      const succeeded: Succeeded[] = []
      const ready: ReadyRow[] = []
      for (const { run, outcome, record } of ended) {
        record?.(tx)
        // What was said at its last denial does not hold for this end.
        deniedPlans.delete(run.run_id)
        if (run.task_id !== null) denied.delete(run.task_id)
        if (run.task_id === null) {
          if (run.kind === 'plan') takePlan(tx, run, outcome)
          else takeSummary(tx, run, outcome)
        } else if (outcome.kind === 'succeeded') {
          const { run_id, project_id, task_id, profile } = run
          succeeded.push({ run_id, project_id, task_id, profile, output: outcome.output })
        } else ready.push(...takeTask(tx, run.run_id, run.task_id, outcome))
      }
      return [...takeSuccesses(tx, succeeded), ...ready]
    },
    askAgain(tx) {
      const generation = ledger.generation()
      const ids = [...denied].filter(([, at]) => at !== generation).map(([id]) => id)
      const plans = [...deniedPlans].filter(([, at]) => at !== generation).map(([id]) => id)
      for (const id of plans) goOn.run(Date.now(), id)
      tx.afterCommit(() => {
        for (const id of ids) denied.delete(id)
        for (const id of plans) deniedPlans.delete(id)
      })
      return ids.length === 0 ? ids : stillWaiting.all(JSON.stringify(ids))
    },
  }
}
