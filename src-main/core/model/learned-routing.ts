import type { ModelProfileStatus } from '#contract/model.ts'
import type { Complexity, TaskType, Tier } from '#contract/states.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { FirstRung } from './ladder.ts'
import { bestLadder, type Draws, MEANS, type Rung } from './learned-ladder.ts'
import { costMicros, type PriceTable, priceOf } from './price-table.ts'
import { NO_USAGE } from './provider.ts'
import type { RouteOutcomes } from './route-outcomes.ts'

/** A tier that the router itself would give the task now, so that policy, prices and switches are in it. */
export interface Candidate {
  readonly tier: Tier
  readonly profile: ModelProfileStatus
}

/** Chooses among tiers that are allowed by what became of like tasks here. */
export interface LearnedRouting {
  /**
   * Where a task of this class is tried first, and why; null where there is nothing to choose from. `explores`: by chance in
   * proportion to what is not known yet; otherwise what is best by all that is known.
   */
  choose(
    question: { readonly type: TaskType; readonly complexity: Complexity },
    candidates: readonly Candidate[],
    explores: boolean,
  ): FirstRung | null
}

/** Tokens of a run before any of its class was seen, as many as estimates take (P4). */
const USUAL: Readonly<Record<Complexity, { readonly input: number; readonly output: number }>> = {
  simple: { input: 6_000, output: 1_200 },
  medium: { input: 16_000, output: 3_500 },
  complex: { input: 45_000, output: 9_000 },
}

export function createLearnedRouting(
  settings: SettingsStore,
  outcomes: Pick<RouteOutcomes, 'of'>,
  prices: PriceTable,
  draws: Draws,
): LearnedRouting {
  function usualMicros({ paid, model }: ModelProfileStatus, complexity: Complexity): number {
    const price = paid ? priceOf(prices, model, Date.now(), 0) : null
    return price === null ? 0 : costMicros({ ...NO_USAGE, ...USUAL[complexity] }, price)
  }

  return {
    choose({ type, complexity }, candidates, explores) {
      const rungs = candidates.map(
        ({ tier, profile }): Rung => ({
          tier,
          counts: outcomes.of({ type, complexity, tier, profile: profile.name }),
          usual_micros: usualMicros(profile, complexity),
        }),
      )
      const { failed_task_micros } = settings.settings()
      const ladder = bestLadder(rungs, complexity, failed_task_micros, explores ? draws : MEANS)
      const [tier] = ladder
      if (tier === undefined) return null
      const known = rungs.map((rung) => record(rung, `${complexity} ${type}`)).filter((text) => text !== '')
      const told = known.length === 0 ? `nothing is known yet of ${complexity} ${type} here.` : `${known.join(', ')}.`
      const then = ladder.length === 1 ? '' : ` If its checks fail there: ${ladder.slice(1).join(', then ')}.`
      return { tier, reason: `Learned: ${told} Tried at ${tier} first.${then}` }
    },
  }
}

/** "41 of 52 tasks of simple code were verified at local". */
function record({ tier, counts: { verified, refused } }: Rung, what: string): string {
  const seen = verified + refused
  return seen === 0 ? '' : `${verified} of ${seen} like tasks (${what}) were verified at ${tier}`
}
