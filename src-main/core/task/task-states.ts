import type { TaskState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * A task is `pending` until its dependencies are met, then `ready`, then `running`. A running task ends, or goes back to
 * `waiting` (it says on what) or to `ready` (its project was paused, or Baton stopped). A dependency that failed or was
 * cancelled makes it `blocked`; retrying or skipping that dependency makes it `pending` again. Ended tasks can be retried,
 * and whatever has not succeeded can be skipped or cancelled.
 */
export const TASK_TRANSITIONS: Transitions<TaskState> = {
  pending: ['ready', 'blocked', 'cancelled', 'skipped'],
  ready: ['running', 'cancelled', 'skipped', 'pending', 'blocked'],
  running: ['succeeded', 'failed', 'cancelled', 'waiting', 'ready'],
  waiting: ['ready', 'cancelled', 'skipped', 'failed', 'pending', 'blocked'],
  blocked: ['pending', 'ready', 'cancelled', 'skipped'],
  succeeded: ['ready'],
  failed: ['ready', 'pending', 'skipped', 'cancelled'],
  cancelled: ['ready', 'pending', 'skipped'],
  skipped: ['ready', 'pending'],
}

/** States that dependants are served by. */
export const SATISFYING: readonly TaskState[] = ['succeeded', 'skipped']
/** States that block dependants. */
export const BLOCKING: readonly TaskState[] = ['failed', 'cancelled']
