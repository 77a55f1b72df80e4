import { err, ok, type Result } from '#contract/result.ts'
import type { Caller } from '#core/identity/caller.ts'
import type { Refusal } from '#core/refusal.ts'
import { createShares } from '#core/shares.ts'

/** The right to one open stream. */
export interface StreamSlot {
  free(): void
}

/** Bounds how many streams of events one user may have open at once. */
export interface StreamSlots {
  take(caller: Caller): Result<StreamSlot, Refusal>
}

/** `limit` is asked for each time, so that a change of it holds for the next stream. */
export function createStreamSlots(limit: () => number): StreamSlots {
  const open = createShares(limit)
  return {
    take({ id }) {
      const free = open.take(id)
      if (free !== null) return ok({ free })
      const message = `You have ${open.of(id)} event streams open, and no more are allowed at once. Close one, or raise "max_streams" in the settings.`
      return err({ code: 'too_many_requests', message })
    },
  }
}
