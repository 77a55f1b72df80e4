import { type GraphItem, layersOf } from './layout.ts'

/** Id of the node that stands for everything folded away. */
export const FOLD_ID = 'folded'
/** Folding fewer than this hides more than it tidies. */
const MIN_FOLDED = 4

export type Folded<T extends GraphItem> = {
  /** What stays visible. Dependencies on folded tasks point at `FOLD_ID`. */
  items: (T & { depends_on: readonly string[] })[]
  /** What is folded away, in the order given; empty where nothing is. */
  folded: T[]
}

/**
 * Folds the finished layers at the left of a graph into one node: every layer from the first on in which all tasks are
 * finished, as long as something is left to look at.
 */
export function foldFinished<T extends GraphItem>(items: readonly T[], isFinished: (item: T) => boolean): Folded<T> {
  const away = new Set<string>()
  for (const layer of layersOf(items)) {
    if (!layer.every(isFinished)) break
    for (const item of layer) away.add(item.id)
  }
  if (away.size < MIN_FOLDED || away.size === items.length) return { items: [...items], folded: [] }
  const visible = items
    .filter((item) => !away.has(item.id))
    .map((item) => ({
      ...item,
      depends_on: [...new Set(item.depends_on.map((id) => (away.has(id) ? FOLD_ID : id)))],
    }))
  return { items: visible, folded: items.filter((item) => away.has(item.id)) }
}
