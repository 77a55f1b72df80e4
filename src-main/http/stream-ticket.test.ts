import { expect, test } from 'vitest'
import { LOCAL_CALLER } from '#core/identity/caller.ts'
import { createStreamTickets } from './stream-ticket.ts'

test('S3 opens one stream with one ticket', () => {
  const tickets = createStreamTickets(() => 30)
  const { ticket } = tickets.issue(LOCAL_CALLER)
  expect(tickets.redeem(ticket)).toBe(LOCAL_CALLER)
  expect(tickets.redeem(ticket)).toBeNull()
  expect(tickets.redeem('made up')).toBeNull()
})

test('S3 takes a ticket for 30 s only', () => {
  let now = 0
  const tickets = createStreamTickets(
    () => 30,
    () => now,
  )
  const { ticket: early } = tickets.issue(LOCAL_CALLER)
  const { ticket: late } = tickets.issue(LOCAL_CALLER)
  now = 29_999
  expect(tickets.redeem(early)).toBe(LOCAL_CALLER)
  now = 30_000
  expect(tickets.redeem(late)).toBeNull()
})

test('S3 forgets tickets that nobody uses', () => {
  const tickets = createStreamTickets(
    () => 30,
    () => 0,
  )
  const { ticket: first } = tickets.issue(LOCAL_CALLER)
  for (let count = 0; count < 10_000; count++) tickets.issue(LOCAL_CALLER)
  expect(tickets.redeem(first)).toBeNull()
})
