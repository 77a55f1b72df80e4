import type { Ledger } from '../budget/ledger.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { RunOutcome } from '../run/outcome.ts'
import type { RunChanges } from '../run/run-changes.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ReadyRow, TaskChanges } from '../task/task-changes.ts'
import type { ActiveRun } from './active-runs.ts'
import type { ProjectEnd } from './project-end.ts'

/** Turns how a run ended into the states of its task or project, inside a turn. */
export interface Outcomes {
  /** Answers with the tasks that became ready by it. */
  take(tx: Tx, run: ActiveRun, outcome: RunOutcome): ReadyRow[]
  /** Tasks that were denied money because other calls held it, where some was given back since. Forgets them; plans go on by their time. */
  askAgain(tx: Tx): number[]
}

type Suspended = Extract<RunOutcome, { kind: 'suspended' }>

export function createOutcomes(
  store: Store,
  ledger: Ledger,
  tasks: TaskChanges,
  runs: RunChanges,
  moveProject: MoveProject,
  projectEnd: ProjectEnd,
): Outcomes {
  const current = store.sqlite
    .prepare<[number, number], number>("SELECT 1 FROM task WHERE id = ? AND run_id = ? AND state = 'running'")
    .pluck()
  const setOutput = store.sqlite.prepare('UPDATE task SET output = ? WHERE id = ?')
  /** By task: the ledger's generation at its denial. */
  const denied = new Map<number, number>()
  /** The same by run, for those that plan a project. */
  const deniedPlans = new Map<number, number>()
  const goOn = store.sqlite.prepare("UPDATE run SET resumes_at = ? WHERE id = ? AND state = 'waiting'")

  /** A task that was cancelled or taken over meanwhile keeps its state; only the run is closed. */
  function takeTask(tx: Tx, runId: number, taskId: number, outcome: RunOutcome): ReadyRow[] {
    const isCurrent = current.get(taskId, runId) === 1
    if (outcome.kind === 'suspended') return suspendTask(tx, runId, taskId, outcome, isCurrent)
    const reason = outcome.kind === 'succeeded' ? '' : outcome.reason
    runs.move(tx, runId, outcome.kind, reason)
    if (!isCurrent) return []
    if (outcome.kind === 'succeeded') setOutput.run(outcome.output, taskId)
    return tasks.end(tx, [taskId], outcome.kind, reason).ready
  }

  function suspendTask(tx: Tx, runId: number, taskId: number, outcome: Suspended, isCurrent: boolean): ReadyRow[] {
    const { waiting_on, reason, resumes_at, denied_at } = outcome
    runs.move(tx, runId, isCurrent ? 'waiting' : 'cancelled', reason, resumes_at)
    if (!isCurrent) return []
    const freedMeanwhile = denied_at !== undefined && denied_at !== ledger.generation()
    if (waiting_on === null || freedMeanwhile) return tasks.toReady(tx, [taskId], reason)
    if (denied_at !== undefined) denied.set(taskId, denied_at)
    tasks.toWaiting(tx, [taskId], { waiting_on, reason, resumes_at })
    return []
  }

  function takePlan(tx: Tx, run: ActiveRun, outcome: RunOutcome): void {
    switch (outcome.kind) {
      case 'succeeded':
        runs.move(tx, run.run_id, 'succeeded', '')
        if (outcome.plan !== undefined) projectEnd.propose(tx, run.project_id, outcome.plan)
        return
      case 'suspended':
        runs.move(tx, run.run_id, 'waiting', outcome.reason, outcome.resumes_at)
        if (outcome.denied_at !== undefined) deniedPlans.set(run.run_id, outcome.denied_at)
        if (outcome.waiting_on !== null) moveProject(tx, run.project_id, 'waiting', outcome.reason)
        return
      case 'failed':
      case 'cancelled':
        runs.move(tx, run.run_id, outcome.kind, outcome.reason)
        if (outcome.kind === 'failed') moveProject(tx, run.project_id, 'failed', outcome.reason)
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
    take(tx, run, outcome) {
      if (run.task_id !== null) return takeTask(tx, run.run_id, run.task_id, outcome)
      if (run.kind === 'plan') takePlan(tx, run, outcome)
      else takeSummary(tx, run, outcome)
      return []
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
      return ids
    },
  }
}
