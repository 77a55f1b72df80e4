import type { Settings } from '#contract/settings.ts'

export interface BreakerLimits {
  /** Failures in a row after which it opens. */
  readonly failures: number
  /** How long it stays open the first time, and at most; it doubles each time, in ms. */
  readonly base_ms: number
  readonly cap_ms: number
}

/** A service that fails again and again is left alone at most this many times as long as a retry waits. */
const LONGEST_REST = 10

/** When a service's breaker opens, and for how long, by the settings. */
export function breakerLimits({
  breaker_failures,
  retry_cap_ms,
}: Pick<Settings, 'breaker_failures' | 'retry_cap_ms'>): BreakerLimits {
  return { failures: breaker_failures, base_ms: retry_cap_ms, cap_ms: retry_cap_ms * LONGEST_REST }
}

/**
 * A circuit breaker for one service (H2). Closed: everybody may ask. After so many failures in a row it opens: nobody may,
 * until a moment. Then one may (half open): its success closes the breaker, its failure opens it for twice as long.
 *
 * | state     | ask                   | worked | failed                  |
 * | --------- | --------------------- | ------ | ----------------------- |
 * | closed    | yes                   | closed | counts; open at the bound |
 * | open      | no, until the moment  | closed | stays open              |
 * | half open | one yes, others no    | closed | open, twice as long     |
 */
export interface Breaker {
  /** Whether a call may be made now; otherwise the moment (ms) to ask again. A yes is followed by one of the others. */
  ask(now: number): { readonly ok: true } | { readonly ok: false; readonly until: number }
  /** A call reached the service and came back, whatever it brought. */
  worked(): void
  /** A call failed in a way that is the service's own. Answers the moment (ms) until which it is open, or null. */
  failed(now: number, limits: BreakerLimits): number | null
  /** A call was given up by us and says nothing. */
  left(): void
  /** Whether it is open or half open. */
  isOpen(): boolean
  /** The clock was set back by so many ms. */
  bringForward(ms: number): void
}

/** How long others wait while one call tries whether the service is back. */
const TRIAL_MS = 2_000

export function createBreaker(): Breaker {
  let failures = 0
  let openings = 0
  let until: number | null = null
  let isTrying = false

  return {
    ask(now) {
      if (until === null) return { ok: true }
      if (now < until) return { ok: false, until }
      if (isTrying) return { ok: false, until: now + TRIAL_MS }
      isTrying = true
      return { ok: true }
    },
    worked() {
      failures = 0
      openings = 0
      until = null
      isTrying = false
    },
    failed(now, limits) {
      failures += 1
      const wasOpen = until !== null && now < until
      isTrying = false
      // Calls that were under way when it opened say nothing new.
      if (wasOpen) return until
      if (until === null && failures < limits.failures) return null
      until = now + Math.min(limits.cap_ms, limits.base_ms * 2 ** openings)
      openings += 1
      return until
    },
    left() {
      isTrying = false
    },
    isOpen: () => until !== null,
    bringForward(ms) {
      if (until !== null) until -= ms
    },
  }
}
