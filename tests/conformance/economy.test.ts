import { expect, test } from 'vitest'
import { openDesk } from '../../bench/economy/desk.ts'
import { readMix } from '../../bench/economy/mix.ts'
import { BALANCED, CAREFUL, LEARNED, STRONG, STRONG_ONCE } from '../../bench/economy/policies.ts'
import type { Policy } from '../../bench/economy/simulate.ts'
import { cheapestAt, staticFrontier } from '../../bench/economy/static-ladders.ts'
import { cleanup } from '../support/cleanup.ts'

const SEEDS = 6
const TASKS = 1_000
const mix = readMix()

/** Micro-dollars for each task, and the share of right results; the same in each run of the test, because it is seeded. */
async function measure(policy: Policy, warmUp = 0): Promise<{ micros: number; right: number }> {
  const desk = openDesk()
  cleanup(async () => desk.close())
  let micros = 0
  let right = 0
  for (let seed = 101; seed < 101 + SEEDS; seed += 1) {
    const totals = await desk.run(mix, { policy, seed, warmUp, tasks: TASKS })
    micros += totals.micros
    right += totals.right
  }
  return { micros: micros / (SEEDS * TASKS), right: right / (SEEDS * TASKS) }
}

test('R3 G4 careful is right at least as often as the strong tier with repairs, at 70 % of its cost', async () => {
  const careful = await measure(CAREFUL)
  const strong = await measure(STRONG)
  expect(careful.right).toBeGreaterThanOrEqual(strong.right)
  expect(careful.micros).toBeLessThanOrEqual(0.7 * strong.micros)
})

test('R3 G4 balanced is right at least as often as the strong tier asked once, at 36 % of its cost', async () => {
  const balanced = await measure(BALANCED)
  const once = await measure(STRONG_ONCE)
  expect(balanced.right).toBeGreaterThanOrEqual(once.right)
  expect(balanced.micros).toBeLessThanOrEqual(0.36 * once.micros)
})

test('R3 G4 learned costs at most 1.15 times the best fixed ladders of its success, after 300 tasks', async () => {
  const learned = await measure(LEARNED, 300)
  const best = cheapestAt(staticFrontier(mix), learned.right)
  expect(best).not.toBeNull()
  expect(learned.micros).toBeLessThanOrEqual(1.15 * (best?.micros ?? 0))
  // It does not get there by giving success away.
  const once = await measure(STRONG_ONCE)
  expect(learned.right).toBeGreaterThanOrEqual(once.right)
})

test('G4 the simulated ladders come to what is expected of them', async () => {
  const frontier = staticFrontier(mix)
  const ladders = mix.classes.map(() => ['local', 'fast', 'strong'])
  const all = frontier.find((point) => JSON.stringify(point.ladders) === JSON.stringify(ladders))
  const balanced = await measure(BALANCED)
  expect(all).toBeDefined()
  // Six thousand tasks: what the mix expects lies within four standard errors.
  expect(Math.abs(balanced.right - (all?.right ?? 0))).toBeLessThan(0.0115)
  expect(Math.abs(balanced.micros / (all?.micros ?? 1) - 1)).toBeLessThan(0.08)
})
