import { expect, test } from 'vitest'
import { createStreamTickets } from './stream-ticket.ts'

test('S3 opens one stream with one ticket', () => {
  const tickets = createStreamTickets()
  const ticket = tickets.issue()
  expect(tickets.redeem(ticket)).toBe(true)
  expect(tickets.redeem(ticket)).toBe(false)
  expect(tickets.redeem('made up')).toBe(false)
})

test('S3 takes a ticket for 30 s only', () => {
  let now = 0
  const tickets = createStreamTickets(() => now)
  const early = tickets.issue()
  const late = tickets.issue()
  now = 29_999
  expect(tickets.redeem(early)).toBe(true)
  now = 30_000
  expect(tickets.redeem(late)).toBe(false)
})

test('S3 forgets tickets that nobody uses', () => {
  const tickets = createStreamTickets(() => 0)
  const first = tickets.issue()
  for (let count = 0; count < 10_000; count++) tickets.issue()
  expect(tickets.redeem(first)).toBe(false)
})
