import { expect, test } from 'vitest'
import { createBreaker } from './breaker.ts'

const LIMITS = { failures: 3, base_ms: 100, cap_ms: 350 }

function opened() {
  const breaker = createBreaker()
  expect([breaker.failed(0, LIMITS), breaker.failed(0, LIMITS), breaker.failed(0, LIMITS)]).toEqual([null, null, 100])
  return breaker
}

test('H2 opens after so many failures in a row, and a success in between starts the count anew', () => {
  const breaker = createBreaker()
  breaker.failed(0, LIMITS)
  breaker.failed(0, LIMITS)
  breaker.worked()
  expect(breaker.failed(0, LIMITS)).toBeNull()
  expect(breaker.ask(0)).toEqual({ ok: true })
  expect(opened().ask(99)).toEqual({ ok: false, until: 100 })
})

test('H2 lets one try when the time has come, and the others wait for it', () => {
  const breaker = opened()
  expect(breaker.ask(100)).toEqual({ ok: true })
  expect(breaker.ask(100)).toEqual({ ok: false, until: 2_100 })
  breaker.worked()
  expect(breaker.isOpen()).toBe(false)
  expect([breaker.ask(101), breaker.ask(101)]).toEqual([{ ok: true }, { ok: true }])
})

test('H2 stays open twice as long after a failed try, up to a bound', () => {
  const breaker = opened()
  const openFor: number[] = []
  for (let now = 100, tries = 0; tries < 4; tries += 1) {
    expect(breaker.ask(now).ok).toBe(true)
    const until = breaker.failed(now, LIMITS) ?? 0
    openFor.push(until - now)
    now = until
  }
  expect(openFor).toEqual([200, 350, 350, 350])
})

test('H2 does not open longer for calls that were under way when it opened', () => {
  const breaker = opened()
  expect(breaker.failed(50, LIMITS)).toBe(100)
  expect(breaker.ask(100).ok).toBe(true)
})

test('H2 lets another try where the first was given up', () => {
  const breaker = opened()
  breaker.ask(100)
  breaker.left()
  expect(breaker.ask(100)).toEqual({ ok: true })
})

test('H2 is not longer open because the clock was set back', () => {
  const breaker = opened()
  breaker.bringForward(60)
  expect(breaker.ask(40).ok).toBe(true)
})
