import { expect, test } from 'vitest'
import type { UsageRow } from '#contract/usage.ts'
import { recentDays } from './recent-days.ts'

function row(key: string, change: Partial<UsageRow>): UsageRow {
  const nothing = { calls: 1, input_tokens: 0, output_tokens: 0, cost_micros: 0, saved_micros: 0 }
  return { key, label: key, ...nothing, cache_saved_micros: 0, batch_saved_micros: 0, unconfirmed_micros: 0, ...change }
}

test('B5 the chart has every day up to today, over the end of a month, and none before', () => {
  const { days } = recentDays([row('2026-10-01', { cost_micros: 9 })], '2026-11-02', 4)
  expect(days.map(({ day }) => day)).toEqual(['2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02'])
  expect(days.every((day) => day.confirmed + day.unconfirmed + day.here === 0)).toBe(true)
})

test('B5 a column is what was paid, what is not confirmed of it, and what was saved; the highest is the scale', () => {
  const rows = [
    row('2026-11-20', { cost_micros: 50, unconfirmed_micros: 20, saved_micros: 30, input_tokens: 1_000 }),
    row('2026-11-21', { cost_micros: 10 }),
  ]
  const { days, most, isFree } = recentDays(rows, '2026-11-21', 2)
  expect(days).toEqual([
    { day: '2026-11-20', confirmed: 30, unconfirmed: 20, here: 30 },
    { day: '2026-11-21', confirmed: 10, unconfirmed: 0, here: 0 },
  ])
  expect([most, isFree]).toEqual([80, false])
})

test('B5 where nothing was spent or saved, the columns tell tokens', () => {
  const { days, most, isFree } = recentDays([row('2026-11-21', { input_tokens: 7, output_tokens: 3 })], '2026-11-21', 1)
  expect([days[0]?.here, most, isFree]).toEqual([10, 10, true])
  expect(recentDays([], '2026-11-21', 1).most).toBe(1)
})
