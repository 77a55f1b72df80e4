import type { z } from 'zod'
import type { foundBy } from '#contract/knowledge.ts'

export type FoundBy = z.infer<typeof foundBy>

export interface Ranked {
  readonly id: number
  /** 1 where it was first in every list. */
  readonly score: number
  readonly found_by: FoundBy[]
}

/** How little the first places of a list count before the later ones (Cormack, Clarke and Büttcher 2009). */
const SMOOTHING = 60

/** One list of several: who stands high in many of them stands high. Needs no scores that can be compared. */
export function fuse(lists: readonly { readonly by: FoundBy; readonly ids: readonly number[] }[]): Ranked[] {
  const found = new Map<number, { score: number; found_by: FoundBy[] }>()
  for (const { by, ids } of lists) {
    for (const [place, id] of ids.entries()) {
      const known = found.get(id) ?? { score: 0, found_by: [] }
      known.score += (SMOOTHING + 1) / (SMOOTHING + 1 + place) / lists.length
      known.found_by.push(by)
      found.set(id, known)
    }
  }
  return [...found]
    .map(([id, { score, found_by }]) => ({ id, score, found_by }))
    .sort((a, b) => b.score - a.score || a.id - b.id)
}
