import { randomBytes } from 'node:crypto'

export const TICKET_SECONDS = 30
const MAX_OPEN_TICKETS = 10_000

/** Single-use tickets for streams, because a browser's EventSource cannot send a login header (S3). */
export interface StreamTickets {
  issue(): string
  /** Whether `ticket` was open; it is not any more. */
  redeem(ticket: string): boolean
}

/** `now` is in ms, of a clock that never goes back. */
export function createStreamTickets(now: () => number = () => performance.now()): StreamTickets {
  const open = new Map<string, number>()

  function dropExpired(): void {
    // Insertion order is order of expiry.
    for (const [ticket, expires] of open) {
      if (expires > now() && open.size <= MAX_OPEN_TICKETS) return
      open.delete(ticket)
    }
  }

  return {
    issue() {
      const ticket = randomBytes(32).toString('base64url')
      open.set(ticket, now() + TICKET_SECONDS * 1_000)
      dropExpired()
      return ticket
    },
    redeem(ticket) {
      const expires = open.get(ticket)
      open.delete(ticket)
      return expires !== undefined && expires > now()
    },
  }
}
