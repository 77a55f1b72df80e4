import { randomBytes } from 'node:crypto'
import type { Caller } from '#core/identity/caller.ts'

const MAX_OPEN_TICKETS = 10_000

/** Single-use tickets for streams, because a browser's EventSource cannot send a login header (S3). */
export interface StreamTickets {
  issue(caller: Caller): { readonly ticket: string; readonly expires_in: number }
  /** Who took `ticket`, where it was open; it is not any more. */
  redeem(ticket: string): Caller | null
}

/** A ticket is good for `seconds`. `now` is in ms, of a clock that never goes back. */
export function createStreamTickets(seconds: () => number, now: () => number = () => performance.now()): StreamTickets {
  const open = new Map<string, { readonly expires: number; readonly caller: Caller }>()

  function dropExpired(): void {
    // Insertion order is order of expiry.
    for (const [ticket, { expires }] of open) {
      if (expires > now() && open.size <= MAX_OPEN_TICKETS) return
      open.delete(ticket)
    }
  }

  return {
    issue(caller) {
      const ticket = randomBytes(32).toString('base64url')
      const expires_in = seconds()
      open.set(ticket, { expires: now() + expires_in * 1_000, caller })
      dropExpired()
      return { ticket, expires_in }
    },
    redeem(ticket) {
      const issued = open.get(ticket)
      open.delete(ticket)
      return issued !== undefined && issued.expires > now() ? issued.caller : null
    },
  }
}
