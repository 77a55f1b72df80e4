import { type GraphItem, layersOf } from './layout.ts'

/** Id of the node that stands for everything folded away. */
export const FOLD_ID = 'folded'
/** Id of the node that stands for what comes after the part that is drawn. */
export const LATER_ID = 'later'
/** Folding fewer than this hides more than it tidies. */
const MIN_FOLDED = 4

/** Stands for all folded tasks of one kind. */
export type FoldItem<T extends GraphItem> = {
  id: typeof FOLD_ID | typeof LATER_ID
  depends_on: readonly string[]
  folded: readonly T[]
}

/**
 * Folds the finished layers at the left of a graph into one item: every layer from the first on in which all tasks are
 * finished, as long as something is left to look at. Tasks that touch nothing folded stay the same objects.
 */
export function foldFinished<T extends GraphItem>(
  items: readonly T[],
  isFinished: (item: T) => boolean,
): (T | FoldItem<T>)[] {
  const away = new Set<string>()
  for (const layer of layersOf(items)) {
    if (!layer.every(isFinished)) break
    for (const item of layer) away.add(item.id)
  }
  if (away.size < MIN_FOLDED || away.size === items.length) return [...items]
  const folded = items.filter((item) => away.has(item.id))
  const visible = items.filter((item) => !away.has(item.id)).map((item) => withoutFolded(item, away))
  return [{ id: FOLD_ID, depends_on: [], folded }, ...visible]
}

export function isFold<T extends GraphItem>(item: T | FoldItem<T>): item is FoldItem<T> {
  return item.id === FOLD_ID || item.id === LATER_ID
}

function withoutFolded<T extends GraphItem>(item: T, away: ReadonlySet<string>): T {
  if (!item.depends_on.some((id) => away.has(id))) return item
  return { ...item, depends_on: [...new Set(item.depends_on.map((id) => (away.has(id) ? FOLD_ID : id)))] }
}
