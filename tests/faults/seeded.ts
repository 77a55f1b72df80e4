import { evenlySpread } from '../../src-main/core/plan/evenly-spread.ts'

/** Random choices that the same seed makes again. */
export interface Seeded {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(choices: readonly T[]): T
  chance(share: number): boolean
  shuffle<T>(items: readonly T[]): T[]
}

export function seeded(seed: number): Seeded {
  const next = evenlySpread(seed)
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    chance: (share) => next() < share,
    pick(choices) {
      const choice = choices[between(0, choices.length - 1)]
      if (choice === undefined) throw new Error('Nothing to choose from')
      return choice
    },
    shuffle: (items) =>
      items
        .map((item) => ({ item, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item),
  }
}
