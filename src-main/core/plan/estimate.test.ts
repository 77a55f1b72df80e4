import { expect, test } from 'vitest'
import { planDocument } from '#contract/plan.ts'
import { type Calibration, calibrate } from './calibration.ts'
import { type EstimateSources, estimatePlan, type TaskKind } from './estimate.ts'

/** Nothing is corrected, and what was drawn varies by nothing but itself. */
const asDrawn: Calibration = ({ centre }) => centre

const paid: TaskKind = {
  tier: 'fast',
  profile: 'haiku',
  paid: true,
  places: 99,
  basis: 'kind',
  basis_samples: 10,
  samples: 10,
  cost: Float64Array.of(100, 200, 900),
  tokens: Float64Array.of(1_000, 2_000, 9_000),
  ms: Float64Array.of(10, 20, 90),
  input_tokens: 1_800,
  output_tokens: 200,
  call_micros: 50,
}
const local: TaskKind = {
  ...paid,
  tier: 'local',
  profile: 'llama',
  paid: false,
  cost: new Float64Array(3),
  call_micros: 0,
}

function plan(...types: string[]) {
  const tasks = types.map((type, index) => ({ key: `t${index}`, title: 'x', type, complexity: 'simple' }))
  return planDocument.parse({ title: 'x', tasks })
}

function sources(change: Partial<EstimateSources> = {}): EstimateSources {
  return {
    kind: (task) => (task.type === 'code' ? paid : local),
    calibration: () => asDrawn,
    concurrency: 4,
    ...change,
  }
}

test('P4 a task has the 10th, 50th and 90th percentile of like ones, and says on what they are based', () => {
  const { tasks } = estimatePlan(plan('code', 'writing'), sources()).estimate
  expect(tasks[0]).toEqual({
    key: 't0',
    tier: 'fast',
    profile: 'haiku',
    paid: true,
    input_tokens: 1_800,
    output_tokens: 200,
    low_micros: 100,
    likely_micros: 200,
    high_micros: 900,
    low_ms: 10,
    likely_ms: 20,
    high_ms: 90,
    basis: 'kind',
    samples: 10,
  })
  expect(tasks[1]).toMatchObject({ key: 't1', paid: false, high_micros: 0 })
})

test('P4 what it authorises is above the 90th percentile and has room for the last call', () => {
  const { estimate } = estimatePlan(plan('code', 'code'), sources({ calibration: () => calibrate([]) }))
  expect(estimate.low_micros).toBeLessThan(estimate.likely_micros)
  expect(estimate.likely_micros).toBeLessThan(estimate.high_micros)
  expect(estimate.upper_micros - estimate.call_micros).toBeGreaterThan(estimate.high_micros)
  expect(estimate.call_micros).toBe(50)
})

test('P4 a plan of local tasks costs nothing and authorises nothing', () => {
  const { estimate, forecasts } = estimatePlan(plan('writing', 'review'), sources())
  expect(estimate).toMatchObject({ low_micros: 0, likely_micros: 0, high_micros: 0, upper_micros: 0, call_micros: 0 })
  expect(forecasts.cost.centre).toBe(0)
  expect(estimate.likely_ms).toBeGreaterThan(0)
})

test('P4 local tasks that are now and then handed on to a paid model have a cost, though mostly none', () => {
  const handedOn: TaskKind = { ...local, ms: new Float64Array(6).fill(9), cost: Float64Array.of(0, 0, 0, 0, 0, 4_000) }
  const { estimate } = estimatePlan(plan('writing'), sources({ kind: () => handedOn }))
  expect(estimate).toMatchObject({ low_micros: 0, likely_micros: 0, high_micros: 4_000, upper_micros: 4_000 })
})

test('P4 tokens are shared out by tier, and like tasks are counted once', () => {
  const { estimate } = estimatePlan(plan('code', 'writing', 'review', 'code'), sources())
  const { local: here, fast, strong } = estimate.tokens_by_tier
  expect([here, strong]).toEqual([fast, 0])
  expect(here + fast + strong).toBe(estimate.likely_tokens)
  expect(estimate.samples).toBe(20)
})

test('P4 adding up makes the middle surer than its tasks', () => {
  const spread = (tasks: number) => estimatePlan(plan(...Array(tasks).fill('code')), sources()).forecasts.cost.spread
  expect(spread(40)).toBeLessThan(spread(4))
  expect(spread(4)).toBeLessThan(spread(1))
})

test('P4 the time is that of the graph on the places there are', () => {
  const sure: TaskKind = { ...local, ms: Float64Array.of(1_000) }
  const wide = plan(...Array(6).fill('writing'))
  const ms = (concurrency: number) => estimatePlan(wide, sources({ kind: () => sure, concurrency })).estimate.likely_ms
  expect([ms(1), ms(2), ms(6)]).toEqual([6_000, 3_000, 1_000])
})

test('P4 the same plan on the same history gets the same estimate, in whole numbers', () => {
  const once = () =>
    estimatePlan(plan('code', 'code', 'writing'), sources({ calibration: () => calibrate([]) })).estimate
  expect(once()).toEqual(once())
  const { tasks, tokens_by_tier, ...totals } = once()
  for (const value of [...Object.values(totals), ...Object.values(tokens_by_tier)]) {
    expect(Number.isInteger(value)).toBe(true)
  }
})
