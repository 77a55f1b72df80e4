import type { PlanDocument, PlanRepair } from '#contract/plan.ts'
import type { Tier, WaitingOn } from '#contract/states.ts'
import type { Tx } from '../store/write-queue.ts'

/** The tier at which a task goes on after this run failed it, and why. */
export interface NextTier {
  readonly from: Tier
  readonly tier: Tier
  readonly reason: string
}

/** How a run ended, or why it stopped for now. Plain data: it may come from another process one day. */
export type RunOutcome =
  | {
      readonly kind: 'succeeded'
      readonly output: string
      /** What a planning run proposes. */
      readonly plan?: { readonly document: PlanDocument; readonly repairs: readonly PlanRepair[] }
    }
  /** `refused`: its model's work was not accepted; `next`: the task is not given up, but goes on at another tier (G4). */
  | { readonly kind: 'failed'; readonly reason: string; readonly refused?: boolean; readonly next?: NextTier }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | {
      readonly kind: 'suspended'
      /** Null: a person paused it, or Baton is stopping. */
      readonly waiting_on: WaitingOn | null
      readonly reason: string
      /** Goes on by itself at this moment (ms); null: when something changes. */
      readonly resumes_at: number | null
      /** Waits for money that other calls hold: the ledger's generation when it was denied. */
      readonly denied_at?: number
    }

/** A run's end, and what belongs to the end itself: `record` is committed together with it, or not at all. */
export interface RunEnd {
  readonly outcome: RunOutcome
  readonly record?: (tx: Tx) => void
}

/** What a part of a run gives: its value, or how the run ends there. */
export type Passage<T> = { readonly ok: true; readonly value: T } | Ending

export interface Ending {
  readonly ok: false
  readonly outcome: Exclude<RunOutcome, { kind: 'succeeded' }>
}

export function passed<T>(value: T): Passage<T> {
  return { ok: true, value }
}

export function failedRun(reason: string): Ending {
  return { ok: false, outcome: { kind: 'failed', reason } }
}

export function suspendedRun(waiting_on: WaitingOn | null, reason: string, resumes_at: number | null = null): Ending {
  return { ok: false, outcome: { kind: 'suspended', waiting_on, reason, resumes_at } }
}
