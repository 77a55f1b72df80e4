/** Gives back what was taken; a second time nothing happens. */
export type GiveBack = () => void

/** What each of many has of something at once, bounded for each alone: nobody's share makes another's smaller. */
export interface Shares {
  /** Null where it would be too much. Whoever has nothing gets what they ask for, so that no limit shuts anybody out. */
  take(who: string, amount?: number): GiveBack | null
  /** What somebody has now. */
  of(who: string): number
}

/** `limit` is asked for each time, so that a change of it holds from the next one on. */
export function createShares(limit: () => number): Shares {
  const taken = new Map<string, number>()
  const of = (who: string): number => taken.get(who) ?? 0
  return {
    of,
    take(who, amount = 1) {
      const before = of(who)
      if (before > 0 && before + amount > limit()) return null
      taken.set(who, before + amount)
      let isBack = false
      return () => {
        if (isBack) return
        isBack = true
        const left = of(who) - amount
        if (left === 0) taken.delete(who)
        else taken.set(who, left)
      }
    },
  }
}
