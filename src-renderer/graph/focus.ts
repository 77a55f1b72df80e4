import { FOLD_ID, type FoldItem, LATER_ID } from './fold.ts'
import type { GraphItem } from './layout.ts'

/** What decides which part of a large graph is drawn. */
export interface Interest<T extends GraphItem> {
  /** 0 is drawn first; among equals the earlier item, among finished ones the later. */
  rankOf(item: T): 0 | 1 | 2 | 3
  isFinished(item: T): boolean
}

/**
 * Ids of the `limit` items to draw. Where `before` still shows all of the first rank and is mostly open, it stays: the
 * picture must not change under the pointer each time that a task ends.
 */
export function chooseShown<T extends GraphItem>(
  items: readonly T[],
  limit: number,
  interest: Interest<T>,
  before: ReadonlySet<string> | null,
): ReadonlySet<string> {
  const ranks: T[][] = [[], [], [], []]
  let finishedBefore = 0
  let missing = before === null || before.size < Math.min(limit, items.length) || before.size > limit
  for (const item of items) {
    const rank = interest.rankOf(item)
    ranks[rank]?.push(item)
    const wasShown = before?.has(item.id) === true
    if (rank === 0 && !wasShown) missing = true
    if (wasShown && interest.isFinished(item)) finishedBefore += 1
  }
  if (before !== null && !missing && finishedBefore < limit / 2) return before
  const shown = new Set<string>()
  for (const rank of ranks) {
    const open = rank.filter((item) => !interest.isFinished(item))
    for (const item of [...open, ...rank.filter(interest.isFinished).reverse()]) {
      if (shown.size === limit) return shown
      shown.add(item.id)
    }
  }
  return shown
}

/** The shown items, with one fold for all finished ones that are not, and one for the rest. */
export function focusOn<T extends GraphItem>(
  items: readonly T[],
  shown: ReadonlySet<string>,
  isFinished: (item: T) => boolean,
): (T | FoldItem<T>)[] {
  const visible: T[] = []
  const done: T[] = []
  const later: T[] = []
  for (const item of items) (shown.has(item.id) ? visible : isFinished(item) ? done : later).push(item)
  const needed = new Set(visible.flatMap((item) => item.depends_on))
  const doneIds = new Set(done.filter(({ id }) => needed.has(id)).map(({ id }) => id))
  const leadsOn = new Set<string>()
  for (const { depends_on } of later) for (const id of depends_on) if (shown.has(id)) leadsOn.add(id)
  return [
    ...(done.length === 0 ? [] : [{ id: FOLD_ID, depends_on: [], folded: done } as const]),
    ...visible.map((item) => withFold(item, shown, doneIds)),
    ...(later.length === 0 ? [] : [{ id: LATER_ID, depends_on: [...leadsOn], folded: later } as const]),
  ]
}

/** What was made of an item, so that it is the same object, and not drawn anew, as long as its links are the same. */
const folded = new WeakMap<GraphItem, GraphItem>()

/** Edges from what is folded away later would lead back to the left; they are left out. */
function withFold<T extends GraphItem>(item: T, shown: ReadonlySet<string>, done: ReadonlySet<string>): T {
  if (item.depends_on.every((id) => shown.has(id))) return item
  const known = item.depends_on.filter((id) => shown.has(id))
  const depends_on = item.depends_on.some((id) => done.has(id)) ? [FOLD_ID, ...known] : known
  const before = folded.get(item) as T | undefined
  if (before !== undefined && before.depends_on.join() === depends_on.join()) return before
  const made = { ...item, depends_on }
  folded.set(item, made)
  return made
}
