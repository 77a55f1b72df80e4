/** A binary heap: what goes `before` all others comes out first. */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #before: (a: Item, b: Item) => boolean

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  first(): Item | undefined {
    return this.#items[0]
  }

  push(item: Item): void {
    const items = this.#items
    let index = items.length
    items.push(item)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = items[parent]
      if (above === undefined || !this.#before(item, above)) break
      items[index] = above
      index = parent
    }
    items[index] = item
  }

  take(): Item | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const a = items[left]
      if (a === undefined) break
      const b = items[left + 1]
      const child = b !== undefined && this.#before(b, a) ? left + 1 : left
      const below = items[child]
      if (below === undefined || !this.#before(below, last)) break
      items[index] = below
      index = child
    }
    items[index] = last
    return first
  }

  /** All, in no order; the heap is empty then. */
  takeAll(): Item[] {
    return this.#items.splice(0)
  }
}
