import type { PlanState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/** A version is proposed and decided once. A newer version, or a newer approval, supersedes it. */
export const PLAN_TRANSITIONS: Transitions<PlanState> = {
  draft: ['proposed', 'superseded'],
  proposed: ['approved', 'rejected', 'superseded'],
  approved: ['superseded'],
  rejected: [],
  superseded: [],
}
