import type { Tier } from '../../src-contract/states.ts'
import { CHECKS, chanceOf, checkMicros, type Mix, type MixClass, tryMicros } from './mix.ts'

/** What a fixed choice of ladders gives for the whole mix: micro-dollars for each task, and the share of right results. */
export interface StaticPoint {
  readonly micros: number
  readonly right: number
  /** For each class, in the mix's order, the tiers in the order in which they are tried. */
  readonly ladders: readonly (readonly Tier[])[]
}

const LADDERS: readonly (readonly Tier[])[] = [
  ['local'],
  ['fast'],
  ['strong'],
  ['local', 'fast'],
  ['local', 'strong'],
  ['fast', 'strong'],
  ['local', 'fast', 'strong'],
]

/**
 * The best that fixed ladders can do, by trying every combination of a rising ladder for each class (7^7 for the mix as it
 * stands), in expectation and with the knowledge of all rates. Of points that no other beats in both cost and success, the
 * cheapest first.
 */
export function staticFrontier(mix: Mix): StaticPoint[] {
  let points: StaticPoint[] = [{ micros: 0, right: 0, ladders: [] }]
  for (const each of mix.classes) {
    const choices = LADDERS.map((ladder) => ({ ladder, ...expected(mix, each, ladder) }))
    const grown = points.flatMap((point) =>
      choices.map(({ ladder, micros, right }) => ({
        micros: point.micros + each.share * micros,
        right: point.right + each.share * right,
        ladders: [...point.ladders, ladder],
      })),
    )
    // What is beaten for some classes is beaten for all: costs and successes of classes add up.
    points = unbeaten(grown)
  }
  return points
}

function unbeaten(points: readonly StaticPoint[]): StaticPoint[] {
  let best = -1
  return points
    .toSorted((a, b) => a.micros - b.micros || b.right - a.right)
    .filter(({ right }) => {
      if (right <= best) return false
      best = right
      return true
    })
}

function expected(mix: Mix, drawn: MixClass, ladder: readonly Tier[]): { micros: number; right: number } {
  let micros = 0
  let right = 0
  for (const check of CHECKS) {
    const { share, false_accept, false_reject } = mix.verifier[check]
    let reached = share
    for (const tier of ladder) {
      for (let repairs = 0; repairs <= mix.repair.max_repairs_per_tier; repairs += 1) {
        const chance = chanceOf(mix, drawn, tier, repairs)
        micros += reached * (tryMicros(mix, drawn, tier, repairs) + checkMicros(mix, check))
        right += reached * chance * (1 - false_reject)
        reached *= 1 - chance * (1 - false_reject) - (1 - chance) * false_accept
      }
    }
  }
  return { micros, right }
}

/** The cheapest fixed choice that is right at least this often; null where none is. */
export function cheapestAt(frontier: readonly StaticPoint[], right: number): StaticPoint | null {
  return frontier.find((point) => point.right >= right) ?? null
}
