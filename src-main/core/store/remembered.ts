import type { Store } from './store.ts'

/**
 * `read`, whose answer depends on rows of `tables` alone, asked again only once one of them has changed. What is read inside of
 * a change is not remembered: it may be rolled back. `most` answers are remembered at once.
 */
export function remembered<V>(
  store: Pick<Store, 'changesOf' | 'isChanging'>,
  tables: readonly string[],
  read: (key: number) => V,
  most = 1_000,
): (key: number) => V {
  const known = new Map<number, { readonly value: V }>()
  let knownAt = -1
  return (key) => {
    let now = 0
    for (const table of tables) now += store.changesOf(table)
    if (now !== knownAt) {
      known.clear()
      knownAt = now
    }
    const before = known.get(key)
    if (before !== undefined) return before.value
    const value = read(key)
    if (store.isChanging()) return value
    if (known.size >= most) known.clear()
    known.set(key, { value })
    return value
  }
}
