import type { RunState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * A run is queued and running until it ends. It waits when its task waits, and goes on as the same run: finished steps are
 * taken from the journal.
 */
export const RUN_TRANSITIONS: Transitions<RunState> = {
  queued: ['running', 'cancelled'],
  running: ['waiting', 'succeeded', 'failed', 'cancelled'],
  waiting: ['running', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
}
