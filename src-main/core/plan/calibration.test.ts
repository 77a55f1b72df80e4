import { expect, test } from 'vitest'
import { calibrate, type PastForecast } from './calibration.ts'
import { evenlySpread } from './evenly-spread.ts'
import { normalQuantile } from './normal.ts'

/** Past projects of which the actual values are `factors` times what was drawn. */
function past(factors: readonly number[], spread = 0): PastForecast[] {
  return factors.map((factor) => ({ centre: 1_000, spread, actual: Math.round(1_000 * factor) }))
}

const evenly = (count: number) => Array.from({ length: count }, (_, index) => 1 + (index + 1) / 100)

test('P4 the normal distribution has its known quantiles', () => {
  for (const [share, value] of [
    [0.1, -1.28155],
    [0.5, 0],
    [0.9, 1.28155],
    [0.98, 2.05375],
  ] as const) {
    expect(normalQuantile(share)).toBeCloseTo(value, 3)
  }
})

test('P4 with 99 past projects the percentiles are the ranks of their errors', () => {
  // Errors of 1 % to 99 %, so the tenth, the fiftieth and the ninetieth of them are the percentiles.
  const calibration = calibrate(past(evenly(99)))
  const of = (share: number): number => calibration({ centre: 2_000, spread: 0 }, share) / 2_000
  expect([of(0.1), of(0.5), of(0.9), of(0.98)].map((value) => value.toFixed(4))).toEqual([
    '1.1000',
    '1.5000',
    '1.9000',
    '1.9800',
  ])
})

test('P4 the order in which projects ended changes nothing', () => {
  const some = past([0.5, 1.2, 3, 0.9, 1.1, 0.7], 0.2)
  const forecast = { centre: 10_000, spread: 0.3 }
  expect(calibrate(some.toReversed())(forecast, 0.9)).toBeCloseTo(calibrate(some)(forecast, 0.9), 6)
})

test('P4 without past projects the interval is a wide guess around what was drawn', () => {
  const calibration = calibrate([])
  const [low, likely, high] = [0.1, 0.5, 0.9].map((share) => calibration({ centre: 1_000, spread: 0.1 }, share))
  expect(likely).toBeCloseTo(1_000, 0)
  expect(low).toBeLessThan(500)
  expect(high).toBeGreaterThan(2_000)
})

test('P4 an unsure forecast stays wider than a sure one by the same past', () => {
  const calibration = calibrate(past([0.8, 0.9, 1, 1.1, 1.3, 0.7, 1, 1.2], 0.2))
  const width = (spread: number): number => {
    const forecast = { centre: 1_000, spread }
    return calibration(forecast, 0.9) / calibration(forecast, 0.1)
  }
  expect(width(0.6)).toBeGreaterThan(width(0.1))
})

test('P4 the percentiles never cross, whatever the past was', () => {
  const next = evenlySpread(7)
  for (let count = 0; count < 120; count += 1) {
    const calibration = calibrate(past(Array.from({ length: count }, () => Math.exp(3 * (next() - 0.5)) * 20 * next())))
    const forecast = { centre: 5_000, spread: next() }
    const values = [0.1, 0.5, 0.9, 0.98].map((share) => calibration(forecast, share))
    expect(values).toEqual(values.toSorted((one, other) => one - other))
  }
})
