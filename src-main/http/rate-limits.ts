import type { RateLimiterRes } from 'rate-limiter-flexible'
import type { AdmittedCall } from '#api/implementer.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Settings } from '#contract/settings.ts'
import { type Caller, isOwnerSelf } from '#core/identity/caller.ts'
import { loadOnce } from '#core/load-once.ts'
import { type Refusal, refuse } from '#core/refusal.ts'

/** What is left of a limit, as the RateLimit headers tell it; times in seconds. */
export interface RateState {
  readonly limit: number
  readonly remaining: number
  readonly reset_s: number
}

export interface RateLimits {
  /** Counts one call of a user. `note` is told what is left. */
  admit(caller: Caller, call: AdmittedCall, note: (state: RateState) => void): Promise<Result<void, Refusal>>
  /** Counts one incoming webhook from an address, before its signature is looked at. */
  admitWebhook(address: string, note: (state: RateState) => void): Promise<Result<void, Refusal>>
  /** Counts one login, registration or refresh from an address, before anything is looked at. */
  admitLogin(address: string, note: (state: RateState) => void): Promise<Result<void, Refusal>>
}

const WINDOW_S = 60
/** A program may call from any of these 16 million addresses, and all of them are this machine. */
const LOOPBACK = /^(127\.|::ffff:127\.|::1$)/
/** Calls that have a model plan. */
const PLANNING = new Set(['projects.plan', 'plans.revise'])

/**
 * Requests a minute (S5), in memory. The owner of the data folder is not counted: nobody can use their share up. A limit
 * that is changed holds from the next request.
 */
export function createRateLimits(limits: () => Settings['rate_limits']): RateLimits {
  /** One for all: the points are compared here, because each caller may have limits of their own. */
  const limiter = loadOnce(async () => {
    // With the first that is counted: the library knows twenty databases, too, and the owner's own calls are not counted.
    const { RateLimiterMemory } = await import('rate-limiter-flexible')
    return new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_S })
  })

  async function count(
    key: string,
    limit: number,
    what: string,
    note: (state: RateState) => void,
  ): Promise<Result<void, Refusal>> {
    const { consumedPoints, msBeforeNext }: RateLimiterRes = await (await limiter()).consume(key)
    const reset_s = Math.ceil(msBeforeNext / 1_000)
    note({ limit, remaining: Math.max(0, limit - consumedPoints), reset_s })
    if (consumedPoints <= limit) return ok(undefined)
    const message = `${what}: more than ${limit} in a minute. Try again in ${reset_s} s.`
    return refuse('too_many_requests', message, { retry_after_s: reset_s })
  }

  return {
    async admit(caller, { route, is_read }, note) {
      if (isOwnerSelf(caller)) return ok(undefined)
      // A token has a count of its own, so that neither uses up what is its owner's.
      const who = caller.token === null ? caller.id : `token ${caller.token}`
      const { changes, plans, reads } = limits()
      if (is_read) return count(`read ${who}`, caller.per_minute ?? reads, 'Too many reads', note)
      const preset = PLANNING.has(route) ? plans : changes
      return count(`${route} ${who}`, caller.per_minute ?? preset, `Too many calls of ${route}`, note)
    },
    admitWebhook: (address, note) =>
      count(`webhook ${LOOPBACK.test(address) ? 'loopback' : address}`, limits().webhooks, 'Too many webhooks', note),
    admitLogin: (address, note) =>
      count(`login ${LOOPBACK.test(address) ? 'loopback' : address}`, limits().logins, 'Too many logins', note),
  }
}
