import type { Route } from '../model/router.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ReadyRow } from './task-changes.ts'

/** What projects, plans and tasks need of the executor: to tell it what changed, and to stop what runs. */
export interface Steering {
  /** Something changed; with a project: look whether it can go on or has ended. */
  wake(projectId?: number): void
  /** A person asked for this project to move: it may run from now on, whatever this core was opened for. */
  takeUp(projectId: number): void
  enqueue(rows: readonly ReadyRow[]): void
  startProjectRun(tx: Tx, kind: 'plan', projectId: number, route: Extract<Route, { ok: true }>, note: string): void
  retryWaiting(what: 'resource' | 'budget'): void
  pauseRuns(of: { project_id?: number; task_id?: number }): void
  cancelRuns(of: { project_id?: number; task_id?: number; run_id?: number }): void
  /** Whether a run of the project is carried out, or still ending. */
  isAtWork(projectId: number): boolean
  whyNot(projectId: number, lane: string): string
}
