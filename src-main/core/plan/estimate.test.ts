import { expect, test } from 'vitest'
import { planDocument, planEstimate } from '#contract/plan.ts'
import { type EstimateSources, estimatePlan, type TaskHistory } from './estimate.ts'

const paid = {
  tier: 'fast',
  profile: 'haiku',
  paid: true,
  price: { input_micros_per_mtok: 1_000_000, output_micros_per_mtok: 5_000_000 },
} as const

function plan(...dependencies: string[][]) {
  const tasks = dependencies.map((depends_on, index) => ({
    key: `t${index}`,
    title: 'x',
    type: 'writing',
    complexity: 'simple',
    depends_on,
  }))
  return planDocument.parse({ title: 'x', tasks })
}

function sources(change: Partial<EstimateSources> = {}): EstimateSources {
  return { lookup: () => paid, history: () => null, concurrency: 4, ...change }
}

const history: TaskHistory = {
  samples: 10,
  input_tokens: { p10: 100, p50: 200, p90: 400 },
  output_tokens: { p10: 10, p50: 20, p90: 40 },
  ms: { p10: 1_000, p50: 2_000, p90: 4_000 },
}

test('P4 estimates a paid plan from defaults and says that no history is behind it', () => {
  const estimate = estimatePlan(plan([], ['t0']), sources())
  expect(planEstimate.parse(estimate)).toEqual(estimate)
  expect(estimate.samples).toBe(0)
  // 3,000 input at 1 $ and 400 output at 5 $ per million; the upper figure has three tries of 15,000 and 3,000.
  expect(estimate.tasks[0]).toMatchObject({ low_micros: 5_000, high_micros: 90_000 })
  expect(estimate).toMatchObject({
    low_micros: 10_000,
    high_micros: 180_000,
    tokens_by_tier: { fast: 14_400, local: 0 },
  })
})

test('P4 costs nothing where the route is free', () => {
  const lookup = () => ({ ...paid, paid: false, price: null })
  expect(estimatePlan(plan([]), sources({ lookup }))).toMatchObject({ low_micros: 0, high_micros: 0 })
})

test('P4 learns from history and counts the samples of a kind once', () => {
  const estimate = estimatePlan(plan([], []), sources({ history: () => history }))
  expect(estimate.samples).toBe(10)
  expect(estimate.tasks[0]).toMatchObject({ input_tokens: 200, output_tokens: 20, low_micros: 150, high_micros: 900 })
})

test('P4 does not trust a short history to bound the upper estimate', () => {
  const estimate = estimatePlan(plan([]), sources({ history: () => ({ ...history, samples: 2 }) }))
  expect(estimate.tasks[0]?.high_micros).toBe(90_000)
})

test('P4 rounds up and stays an integer with rates that are no integers', () => {
  const lookup = () => ({ ...paid, price: { input_micros_per_mtok: 0.1 * 1_000_000 * 1.1, output_micros_per_mtok: 1 } })
  const estimate = estimatePlan(plan([]), sources({ lookup }))
  expect(Number.isInteger(estimate.high_micros)).toBe(true)
})

test('P4 bounds the time by the longest chain and by the places to run in', () => {
  const withHistory = sources({ history: () => history, concurrency: 2 })
  const chain = estimatePlan(plan([], ['t0'], ['t1']), withHistory)
  expect(chain).toMatchObject({ low_ms: 3_000, high_ms: 18_000 })
  const wide = estimatePlan(plan([], [], [], []), withHistory)
  expect(wide).toMatchObject({ low_ms: 2_000, high_ms: 15_000 })
})

test('P4 estimates a chain of 1,000 tasks', () => {
  const links = Array.from({ length: 1_000 }, (_, index) => (index === 0 ? [] : [`t${index - 1}`]))
  expect(estimatePlan(plan(...links), sources({ history: () => history })).low_ms).toBe(1_000_000)
})
