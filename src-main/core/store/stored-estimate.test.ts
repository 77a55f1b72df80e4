import { expect, test } from 'vitest'
import { planEstimate } from '#contract/plan.ts'
import { storedEstimate } from './stored-estimate.ts'

/** As the first Baton stored it. */
const FIRST = {
  low_micros: 5_000,
  high_micros: 90_000,
  low_ms: 8_000,
  high_ms: 180_000,
  tokens_by_tier: { local: 0, fast: 7_200, strong: 0 },
  samples: 0,
  tasks: [
    {
      key: 't0',
      tier: 'fast',
      profile: 'claude-haiku',
      paid: true,
      input_tokens: 6_000,
      output_tokens: 1_200,
      low_micros: 5_000,
      high_micros: 90_000,
      low_ms: 8_000,
      high_ms: 180_000,
    },
  ],
}

test('P4 an estimate that an older Baton stored can be read, and says what its approval authorised', () => {
  const read = storedEstimate.parse(FIRST)
  expect(planEstimate.parse(read)).toEqual(read)
  expect(read).toMatchObject({
    low_micros: 5_000,
    likely_micros: 47_500,
    high_micros: 90_000,
    upper_micros: 90_000,
    call_micros: 0,
    likely_tokens: 7_200,
    sureness: 'guess',
    past: { cost: null, time: null, tokens: null },
    tasks: [{ likely_ms: 94_000, basis: 'default', samples: 0 }],
  })
})

test('P4 an estimate of today is stored and read as it is', () => {
  const today = storedEstimate.parse(FIRST)
  expect(storedEstimate.parse(today)).toEqual(today)
})
