import type { JobState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * A job is `queued` until somebody begins it; a worker that keeps to no claims may also report how it ended straight away. A
 * running job whose worker loses its lease, or gives it back, is queued again. The three ends are for ever.
 */
export const JOB_TRANSITIONS: Transitions<JobState> = {
  queued: ['running', 'succeeded', 'failed', 'cancelled'],
  running: ['queued', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
}
