import { randomBytes } from 'node:crypto'
import type { Caller } from '#core/identity/caller.ts'

export const TICKET_SECONDS = 30
const MAX_OPEN_TICKETS = 10_000

/** Single-use tickets for streams, because a browser's EventSource cannot send a login header (S3). */
export interface StreamTickets {
  issue(caller: Caller): string
  /** Who took `ticket`, where it was open; it is not any more. */
  redeem(ticket: string): Caller | null
}

/** `now` is in ms, of a clock that never goes back. */
export function createStreamTickets(now: () => number = () => performance.now()): StreamTickets {
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
      open.set(ticket, { expires: now() + TICKET_SECONDS * 1_000, caller })
      dropExpired()
      return ticket
    },
    redeem(ticket) {
      const issued = open.get(ticket)
      open.delete(ticket)
      return issued !== undefined && issued.expires > now() ? issued.caller : null
    },
  }
}
