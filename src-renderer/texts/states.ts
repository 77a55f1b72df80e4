import type { PlanState, ProjectState, RunState, StepState, TaskState } from '#contract/states.ts'

export type AnyState = TaskState | ProjectState | RunState | PlanState | StepState

/** Every state in words. */
export const stateTexts = {
  draft: 'Draft',
  planning: 'Planning',
  awaiting_approval: 'Needs your approval',
  executing: 'Running',
  paused: 'Paused',
  waiting: 'Waiting',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  pending: 'Not yet',
  ready: 'Ready',
  running: 'Running',
  skipped: 'Skipped',
  blocked: 'Blocked',
  queued: 'Queued',
  proposed: 'Proposed',
  approved: 'Approved',
  rejected: 'Rejected',
  superseded: 'Superseded',
  sent: 'Under way',
  done: 'Done',
  unknown: 'Unknown',
  needs_you: 'Needs you',
} as const satisfies Record<AnyState | 'needs_you', string>

/** How the built-in stand-in is called wherever it shows (R2). */
export const DEMO_LABEL = 'demo: no AI'

export const tierTexts = { local: 'local', fast: 'fast', strong: 'strong' } as const
