import type { Store } from './store.ts'

/** What `make` makes of a store, once for each: questions that are asked in every run, for functions that live in none. */
export function perStore<T extends object>(make: (store: Store) => T): (store: Store) => T {
  const made = new WeakMap<Store, T>()
  return (store) => {
    const known = made.get(store)
    if (known !== undefined) return known
    const fresh = make(store)
    made.set(store, fresh)
    return fresh
  }
}
