import type { BatchRequestState, BatchState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * A batch is `sending` from before its first byte leaves until its provider's name for it is known, which a dead core may
 * never have learned. It is `waiting` for its provider then, or `canceling` where it is to come back before its time; what
 * was begun there is still answered. It has `ended` when all that was in it is settled.
 */
export const BATCH_TRANSITIONS: Transitions<BatchState> = {
  sending: ['waiting', 'ended'],
  waiting: ['canceling', 'ended'],
  canceling: ['ended'],
  ended: [],
}

/**
 * A call is `collecting` until enough others have come or it has waited long enough, and `sent` with its batch. It ends
 * `answered`; or `faulted`, which it also is where it cannot be put together any more to be sent, and `failed` once its run
 * has come by and knows; or no model saw it: `returned` where it may wait for another batch, `expired` where it has waited as
 * long as was promised, or its batch was lost, and it is asked directly.
 */
export const BATCH_REQUEST_TRANSITIONS: Transitions<BatchRequestState> = {
  collecting: ['sent', 'faulted', 'returned'],
  sent: ['answered', 'faulted', 'returned', 'expired'],
  faulted: ['failed'],
  answered: [],
  failed: [],
  returned: [],
  expired: [],
}
