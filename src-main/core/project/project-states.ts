import type { ProjectState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * A project is written down (`draft`), planned, and waits for approval; a free prompt is approved by being asked (G6), so it
 * executes at once. Approved, it executes until its tasks have ended.
 * `waiting` when nothing of it can go on by itself, `paused` when a person stopped it; a plan that was on its way then asks
 * for approval all the same, as nothing goes on without that either. A project whose planning failed, or whose tasks
 * failed, can be planned or retried again; a cancelled one is over.
 */
export const PROJECT_TRANSITIONS: Transitions<ProjectState> = {
  draft: ['planning', 'awaiting_approval', 'executing', 'cancelled'],
  planning: ['awaiting_approval', 'waiting', 'paused', 'draft', 'failed', 'cancelled', 'planning'],
  awaiting_approval: ['planning', 'executing', 'awaiting_approval', 'draft', 'cancelled'],
  executing: ['waiting', 'paused', 'succeeded', 'failed', 'cancelled'],
  waiting: [
    'planning',
    'awaiting_approval',
    'executing',
    'paused',
    'draft',
    'succeeded',
    'failed',
    'cancelled',
    'waiting',
  ],
  paused: ['planning', 'awaiting_approval', 'executing', 'waiting', 'draft', 'cancelled', 'succeeded', 'failed'],
  succeeded: ['executing'],
  failed: ['planning', 'awaiting_approval', 'executing', 'cancelled'],
  cancelled: [],
}
