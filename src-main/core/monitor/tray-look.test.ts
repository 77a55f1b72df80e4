import { expect, test } from 'vitest'
import type { Status } from '#contract/service.ts'
import { trayLook } from './tray-look.ts'

const scope = { settled_micros: 0, reserved_micros: 0, unconfirmed_micros: 0, label: '' }
const calm: Status = {
  version: '0',
  paused: false,
  local_only: false,
  day: { ...scope, scope: 'day:2026-11-21', limit_micros: 5_000_000 },
  month: { ...scope, scope: 'month:2026-11', limit_micros: null },
  services: [],
  running: 0,
  queued: 0,
  waiting: 0,
  needs_you: 0,
  storage: null,
  last_event_id: 'a-1',
}
const storage: Status['storage'] = { kind: 'full', message: 'The disk is full.', since: '2026-11-21T00:00:00.000Z' }

test.each<[string, Partial<Status>, number, string]>([
  ['nothing runs', {}, 0, 'idle'],
  ['something waits in a queue only', { queued: 3 }, 0, 'idle'],
  ['something runs', { running: 2 }, 0, 'running'],
  ['something needs a person while more runs', { running: 2, needs_you: 1 }, 0, 'needs-you'],
  ['a project failed since somebody looked', { running: 2, needs_you: 1 }, 1, 'error'],
  ['the disk is full', { needs_you: 1, storage }, 0, 'error'],
])('U4 while %s the tray says so', (_what, change, failures, state) => {
  expect(trayLook({ ...calm, ...change }, failures).state).toBe(state)
})

test("U4 the tray's tooltip tells what goes on, and today's spend of its cap", () => {
  const day = { ...calm.day, settled_micros: 1_200_000, reserved_micros: 140_000 }
  expect(trayLook({ ...calm, day, running: 3, queued: 12, needs_you: 2 }, 0).tooltip).toBe(
    'Baton: 2 need you, 3 running, 12 queued\nToday $1.20 + $0.14 set aside of $5.00',
  )
  const unlimited = { ...calm.day, limit_micros: null }
  expect(trayLook({ ...calm, day: unlimited, paused: true }, 0).tooltip).toBe('Baton: paused\nToday $0')
  expect(trayLook(calm, 0).tooltip).toBe('Baton: nothing runs\nToday $0 of $5.00')
})

test("U4 the tray's menu opens, pauses or resumes all, and quits", () => {
  const actions = (status: Status) => trayLook(status, 0).menu.map((item) => item?.action ?? null)
  expect(actions(calm)).toEqual(['open', 'inbox', null, 'pause', null, 'quit'])
  expect(actions({ ...calm, paused: true })).toEqual(['open', 'inbox', null, 'resume', null, 'quit'])
  expect(trayLook({ ...calm, needs_you: 4 }, 0).menu[1]?.label).toBe('Inbox: 4 need you')
})
