/** `make`, called once for each object for as long as that lives. */
export function onceFor<K extends object, V>(make: (of: K) => V): (of: K) => V {
  const made = new WeakMap<K, V>()
  return (of) => {
    const before = made.get(of)
    if (before !== undefined) return before
    const value = make(of)
    made.set(of, value)
    return value
  }
}
