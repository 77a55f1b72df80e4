import type { TaskState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * A task is `pending` until its dependencies are met, then `ready`, then `running`; or `waiting`, where nothing
 * can take it now. A running task ends, or goes back to
 * `waiting` (it says on what) or to `ready` (its project was paused, or Baton stopped). A dependency that failed or was
 * cancelled makes it `blocked`; retrying or skipping that dependency makes it `pending` again. What failed or was cancelled
 * can be retried, and whatever has not succeeded can be skipped or cancelled. `succeeded` and `skipped` are for ever: tasks
 * behind them count on it.
 */
export const TASK_TRANSITIONS: Transitions<TaskState> = {
  pending: ['ready', 'blocked', 'cancelled', 'skipped'],
  ready: ['running', 'waiting', 'cancelled', 'skipped', 'pending', 'blocked'],
  running: ['succeeded', 'failed', 'cancelled', 'waiting', 'ready'],
  waiting: ['ready', 'cancelled', 'skipped', 'failed', 'pending', 'blocked'],
  blocked: ['pending', 'ready', 'cancelled', 'skipped'],
  succeeded: [],
  failed: ['ready', 'pending', 'skipped', 'cancelled'],
  cancelled: ['ready', 'pending', 'skipped'],
  skipped: [],
}

/**
 * Only a person who puts a task's files back (E10) takes its success, or its failure, back too; and what somebody set going
 * again meanwhile, which counts on those files.
 */
export const TAKEN_BACK_FROM: readonly TaskState[] = ['succeeded', 'failed', 'running', 'waiting']

/** Only an approved change of the plan (P7) lets an open task begin anew from wherever it is. */
export const BEGUN_ANEW_FROM: readonly TaskState[] = ['ready', 'running', 'waiting', 'blocked', 'failed', 'cancelled']

/** States that dependants are served by. */
export const SATISFYING: readonly TaskState[] = ['succeeded', 'skipped']
/** States that block dependants. */
export const BLOCKING: readonly TaskState[] = ['failed', 'cancelled']
