import { evenlySpread } from '../../src-main/core/plan/evenly-spread.ts'
import { openRoutedModels } from '../../tests/support/routed-models.ts'
import type { Mix } from './mix.ts'
import { type Desk, type Policy, simulate, type Totals } from './simulate.ts'

export interface Round {
  readonly policy: Policy
  /** Draws of models, checks and learning come of it. */
  readonly seed: number
  /** Tasks before those that count: what is learned in them stays. */
  readonly warmUp: number
  readonly tasks: number
}

/** The product's router over a database of its own, with one local and two paid models that are never asked. */
export function openDesk(): { run(mix: Mix, round: Round): Promise<Totals>; close(): void } {
  const { store, settings, outcomes, router, close } = openRoutedModels()
  return {
    async run(mix, { policy, seed, warmUp, tasks }) {
      const random = evenlySpread(seed)
      const desk: Desk = { settings, outcomes, router: router(random) }
      const { max_repairs_per_tier } = mix.repair
      await store.write((tx) =>
        settings.changeSettings(tx, { ...DEFAULTS, max_repairs: max_repairs_per_tier, ...policy.settings }),
      )
      return store.write((tx) => {
        outcomes.forget(tx)
        simulate(tx, desk, mix, policy, random, warmUp)
        return simulate(tx, desk, mix, policy, random, tasks)
      })
    },
    close,
  }
}

const DEFAULTS = { routing: 'careful', highest_tier: 'strong' } as const
