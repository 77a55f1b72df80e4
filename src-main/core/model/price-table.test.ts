import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelProfile } from '#contract/model.ts'
import {
  cacheSavedMicros,
  costMicros,
  livePrices,
  type PriceTable,
  priceOf,
  promptTokens,
  settledMicros,
  shippedPrices,
  worstCaseMicros,
} from './price-table.ts'
import { NO_USAGE } from './provider.ts'

const TABLE = shippedPrices()
const NOW = Date.parse('2026-11-20T12:00:00Z')

const known: [string, number, number, number, number, number][] = [
  ['claude-haiku-4-5-20251001', 1, 5, 1.25, 2, 0.1],
  ['claude-sonnet-4-6', 3, 15, 3.75, 6, 0.3],
  ['claude-opus-4-6', 5, 25, 6.25, 10, 0.5],
  ['claude-fable-5-1', 10, 50, 12.5, 20, 0.25],
  ['claude-sonnet-5-5', 2, 10, 2.5, 4, 0.1],
]

/** The table of somebody who entered a price for one model. */
function entered({ model }: { model: string }): PriceTable {
  const price = { input: 1.2345678, output: 2, cache_write: 0, cache_read: 0 }
  const own = modelProfile.parse({ name: 'mine', display_name: 'Mine', provider: 'anthropic', model, tiers: [], price })
  return livePrices(TABLE, () => [own])
}

describe('price table', () => {
  test.each(known)('R4 knows what %s costs', (model, input, output, cache_write_5m, cache_write_1h, cache_read) => {
    const rates = { input, output, cache_write_5m, cache_write_1h, cache_read }
    expect(priceOf(TABLE, model, NOW, 1_000)).toMatchObject({ ...rates, batch_discount: 0.5 })
  })

  const others: [string, number, number, number][] = [
    ['gpt-6-sol', 2, 10, 0.2],
    ['gpt-6-luna', 0.1, 0.5, 0.01],
    ['gpt-6.1-sol', 2, 10, 0.1],
    ['gpt-5.4', 2.5, 15, 0.25],
    ['gemini-3.8-flash', 0.75, 3.75, 0.075],
    ['gemini-3.1-pro-preview', 2, 12, 0.2],
  ]
  test.each(others)('R4 knows what %s costs', (model, input, output, cache_read) => {
    expect(priceOf(TABLE, model, NOW, 1_000)).toMatchObject({ input, output, cache_read })
  })

  test('R4 knows that a long prompt costs more, and what next year brings', () => {
    expect(priceOf(TABLE, 'gpt-6-sol', NOW, 272_000)?.output).toBe(10)
    expect(priceOf(TABLE, 'gpt-6-sol', NOW, 272_001)).toMatchObject({ input: 4, output: 15, cache_read: 0.4 })
    expect(priceOf(TABLE, 'gemini-3.1-pro-preview', NOW, 200_001)).toMatchObject({ input: 4, output: 18 })
    expect(priceOf(TABLE, 'gemini-3.8-flash', Date.parse('2027-01-01T00:00:00Z'), 1)?.output).toBe(7.5)
  })

  test('R4 takes the price of the day', () => {
    const read = (day: string) => priceOf(TABLE, 'claude-sonnet-5-5', Date.parse(day), 1)?.cache_read
    expect(read('2026-10-06T23:59:59.999Z')).toBe(0.2)
    expect(read('2026-10-07T00:00:00Z')).toBe(0.1)
    expect(read('2025-12-31T23:59:59Z')).toBeUndefined()
  })

  test('R4 takes the tier of the prompt length', () => {
    expect(priceOf(TABLE, 'claude-haiku-5-5', NOW, 100_000)?.input).toBe(0.1)
    expect(priceOf(TABLE, 'claude-haiku-5-5', NOW, 100_001)?.input).toBe(0.5)
  })

  test('R4 knows no price until the user enters one', () => {
    const bound = { input_tokens_bound: 10, max_tokens: 10 }
    expect(priceOf(TABLE, 'claude-fable-5-2', NOW, 1)).toBeNull()
    expect(worstCaseMicros(TABLE, bound, 'claude-fable-5-2', NOW)).toBeNull()
    expect(settledMicros(TABLE, 'claude-fable-5-2', NOW, NO_USAGE)).toBeNull()
    const mine = entered({ model: 'claude-fable-5-2' })
    expect(priceOf(mine, 'claude-fable-5-2', NOW, 1)?.output).toBe(2)
    expect(worstCaseMicros(mine, bound, 'claude-fable-5-2', NOW)).toBe(33)
  })

  test('R4 lets the user correct a shipped price and keeps the others', () => {
    const mine = entered({ model: 'claude-sonnet-4-6' })
    expect(priceOf(mine, 'claude-sonnet-4-6', NOW, 1)?.output).toBe(2)
    expect(priceOf(mine, 'claude-sonnet-4-5', NOW, 1)?.output).toBe(15)
  })

  test('B1 rounds a cost up to whole micro-dollars, once', () => {
    const haiku = priceOf(TABLE, 'claude-haiku-4-5', NOW, 1)
    if (haiku === null) throw new Error('no price')
    expect(costMicros({ ...NO_USAGE, cache_read: 1 }, haiku)).toBe(1)
    expect(costMicros({ ...NO_USAGE, cache_read: 10 }, haiku)).toBe(1)
    expect(costMicros({ ...NO_USAGE, cache_read: 11 }, haiku)).toBe(2)
    expect(costMicros({ input: 1_000, output: 200, cache_write_5m: 4, cache_write_1h: 3, cache_read: 5 }, haiku)).toBe(
      2_012,
    )
    expect(costMicros(NO_USAGE, haiku)).toBe(0)
  })

  test('B2 reserves input at the dearest input rate and the whole output', () => {
    const bound = { input_tokens_bound: 1_000, max_tokens: 2_000 }
    expect(worstCaseMicros(TABLE, bound, 'claude-sonnet-4-6', NOW)).toBe(1_000 * 6 + 2_000 * 15)
  })

  test('B2 no usage within the bound costs more than was reserved', () => {
    const models = [...new Set(TABLE.entries.flatMap((entry) => entry.models))]
    const part = fc.nat({ max: 300_000 })
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        part,
        part,
        part,
        part,
        part,
        part,
        (model, a, b, c, d, output, spare) => {
          const usage = { input: a, cache_write_5m: b, cache_write_1h: c, cache_read: d, output }
          const bound = { input_tokens_bound: promptTokens(usage) + spare, max_tokens: output }
          const reserved = worstCaseMicros(TABLE, bound, model, NOW) ?? -1
          const settled = settledMicros(TABLE, model, NOW, usage) ?? Number.POSITIVE_INFINITY
          expect(Number.isInteger(reserved)).toBe(true)
          expect(settled).toBeLessThanOrEqual(reserved)
        },
      ),
    )
  })
})

test('R5 the cache saves what it gives at less than the price of input, less what filling it costs above that', () => {
  const usage = { input: 1_000, output: 500, cache_write_5m: 4_000, cache_write_1h: 0, cache_read: 100_000 }
  // Sonnet 4.6: input 3, write 3.75, read 0.3 dollars per million tokens.
  const saved = cacheSavedMicros(shippedPrices(), 'claude-sonnet-4-6', NOW, usage)
  expect(saved).toBe(100_000 * 2.7 - 4_000 * 0.75)
  const all = { ...usage, input: 105_000, cache_write_5m: 0, cache_read: 0 }
  const without = settledMicros(shippedPrices(), 'claude-sonnet-4-6', NOW, all) ?? 0
  expect(without - (settledMicros(shippedPrices(), 'claude-sonnet-4-6', NOW, usage) ?? 0)).toBe(saved)
  expect(cacheSavedMicros(shippedPrices(), 'claude-sonnet-4-6', NOW, { ...usage, cache_read: 0 })).toBe(-3_000)
  expect(cacheSavedMicros(shippedPrices(), 'claude-sonnet-4-6', NOW, all)).toBeNull()
  expect(cacheSavedMicros(shippedPrices(), 'mystery', NOW, usage)).toBeNull()
})
