import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { retryAt } from './retry.ts'
import { estimateTokens, shorten } from './token-estimate.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('E7 a text is cut in its middle, between characters, and says how much is left out', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.integer({ min: 100, max: 600 }),
      (given, tokens) => {
        const text = given.toWellFormed()
        const { text: short, shortened } = shorten(text, tokens, 'Read the file.')
        expect(shortened).toBe(estimateTokens(text) > tokens)
        if (!shortened) {
          expect(short).toBe(text)
          return
        }
        expect(short.isWellFormed()).toBe(true)
        const [head = '', tail = ''] = short.split(/\n\[… \d+ characters left out here\. Read the file\.\]\n/)
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true)
      },
    ),
  )
})

test('E7 a cut never falls into a character, and takes no other away', () => {
  const text = '🦉'.repeat(2_000)
  for (let tokens = 100; tokens < 130; tokens++) expect(shorten(text, tokens, '').text.isWellFormed()).toBe(true)
  const strange = `\uFFFD${'x'.repeat(9_000)}\uFFFD`
  expect(shorten(strange, 300, '').text).toMatch(/^\uFFFDx.*x\uFFFD$/s)
})

test('E3 asks again when the provider says, else after a growing, jittered and bounded pause', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  const settings = { retry_base_ms: 2_000, retry_cap_ms: 60_000 }
  expect(retryAt(settings, 3, 7_500)).toBe(1_007_500)
  expect(retryAt(settings, 3, 0)).toBe(1_000_000)
  for (const [tries, ceiling] of [
    [0, 2_000],
    [1, 2_000],
    [2, 4_000],
    [5, 32_000],
    [6, 60_000],
    [5_000, 60_000],
  ] as const) {
    const pauses = Array.from({ length: 50 }, () => retryAt(settings, tries, undefined) - 1_000_000)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(ceiling / 2)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(ceiling)
    expect(new Set(pauses).size).toBeGreaterThan(1)
  }
})
