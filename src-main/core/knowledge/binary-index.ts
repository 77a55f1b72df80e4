/** Signs of a vector, and what they are to be multiplied with to come as near to it as they can. */
export interface Signs {
  readonly bits: Uint32Array
  readonly scale: number
}

/** One bit per dimension, from the lowest bit of the first word on. */
export function signsOf(vector: Float32Array): Signs {
  const bits = new Uint32Array(Math.ceil(vector.length / 32))
  let squares = 0
  let sum = 0
  for (const [index, part] of vector.entries()) {
    squares += part * part
    sum += Math.abs(part)
    if (part > 0) bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31))
  }
  return { bits, scale: sum === 0 ? 0 : squares / sum }
}

/**
 * Vectors as one bit per dimension, in memory: 100,000 vectors of 768 dimensions take 12 MB, and all of them are looked at in
 * a few ms. What comes out is a list of candidates; whoever asks compares those with the full vectors.
 *
 * Two sieves. The first counts the bits in which a vector's signs differ from those of the question. The second takes what
 * passed and weighs each sign with the question's own numbers, which is much sharper and too slow for all.
 */
export interface BinaryIndex {
  readonly size: number
  readonly dimensions: number
  /** `scope` is what a question can be narrowed to. */
  add(id: number, scope: number, signs: Signs): void
  /** The `count` ids that seem most alike, in no order, of these scopes; of all where none is named. */
  candidates(query: Float32Array, count: number, wanted: readonly number[] | null): number[]
}

/** How many pass the first sieve for each that passes the second. */
const FIRST_SIEVE = 10
const FIRST_CAPACITY = 1_024
/** More than any distance. */
const OUT_OF_SCOPE = 0xffff

export function createBinaryIndex(dimensions: number): BinaryIndex {
  const words = Math.ceil(dimensions / 32)
  let capacity = FIRST_CAPACITY
  let bits = new Uint32Array(capacity * words)
  let ids = new Float64Array(capacity)
  let scopes = new Float64Array(capacity)
  let scales = new Float32Array(capacity)
  let distances = new Uint16Array(capacity)
  let size = 0

  function grow(): void {
    capacity *= 2
    bits = copied(new Uint32Array(capacity * words), bits)
    ids = copied(new Float64Array(capacity), ids)
    scopes = copied(new Float64Array(capacity), scopes)
    scales = copied(new Float32Array(capacity), scales)
    distances = new Uint16Array(capacity)
  }

  /** Bits in which each vector differs; more than any distance for those of other scopes. */
  function measure(query: Uint32Array, wanted: readonly number[] | null): void {
    for (let row = 0; row < size; row += 1) {
      if (wanted !== null && !wanted.includes(scopes[row] ?? -1)) {
        distances[row] = OUT_OF_SCOPE
        continue
      }
      const start = row * words
      let distance = 0
      for (let word = 0; word < words; word += 1) {
        let value = (bits[start + word] ?? 0) ^ (query[word] ?? 0)
        value -= (value >>> 1) & 0x55555555
        value = (value & 0x33333333) + ((value >>> 2) & 0x33333333)
        distance += Math.imul((value + (value >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
      }
      distances[row] = distance
    }
  }

  /** The rows with the smallest distances, counted instead of sorted. */
  function nearest(count: number): Uint32Array {
    const histogram = new Uint32Array(dimensions + 1)
    let inScope = 0
    for (let row = 0; row < size; row += 1) {
      const distance = distances[row] ?? OUT_OF_SCOPE
      if (distance === OUT_OF_SCOPE) continue
      histogram[distance] = (histogram[distance] ?? 0) + 1
      inScope += 1
    }
    const wanted = Math.min(count, inScope)
    let limit = 0
    let below = 0
    while (limit < dimensions && below + (histogram[limit] ?? 0) < wanted) {
      below += histogram[limit] ?? 0
      limit += 1
    }
    const rows = new Uint32Array(wanted)
    let found = 0
    let atLimit = wanted - below
    for (let row = 0; row < size && found < wanted; row += 1) {
      const distance = distances[row] ?? OUT_OF_SCOPE
      if (distance > limit || (distance === limit && atLimit === 0)) continue
      if (distance === limit) atLimit -= 1
      rows[found] = row
      found += 1
    }
    return rows
  }

  /** For each byte of a vector's signs what it adds to the likeness: eight dimensions with one look. */
  function weights(query: Float32Array): Float32Array {
    const table = new Float32Array(words * 4 * 256)
    for (let byte = 0; byte < words * 4; byte += 1) {
      const parts = query.subarray(byte * 8, byte * 8 + 8)
      const start = byte * 256
      table[start] = -parts.reduce((sum, part) => sum + part, 0)
      for (let value = 1; value < 256; value += 1) {
        // Like the same byte without its lowest bit, whose number then counts for instead of against.
        const lowest = 31 - Math.clz32(value & -value)
        table[start + value] = (table[start + (value & (value - 1))] ?? 0) + 2 * (parts[lowest] ?? 0)
      }
    }
    return table
  }

  function likeness(row: number, table: Float32Array): number {
    const start = row * words
    let sum = 0
    for (let word = 0; word < words; word += 1) {
      const value = bits[start + word] ?? 0
      const at = word * 1_024
      sum +=
        (table[at + (value & 255)] ?? 0) +
        (table[at + 256 + ((value >>> 8) & 255)] ?? 0) +
        (table[at + 512 + ((value >>> 16) & 255)] ?? 0) +
        (table[at + 768 + (value >>> 24)] ?? 0)
    }
    return (scales[row] ?? 0) * sum
  }

  return {
    get size() {
      return size
    },
    dimensions,
    add(id, scope, signs) {
      if (size === capacity) grow()
      bits.set(signs.bits, size * words)
      ids[size] = id
      scopes[size] = scope
      scales[size] = signs.scale
      size += 1
    },
    candidates(query, count, wanted) {
      if (size === 0) return []
      measure(signsOf(query).bits, wanted)
      const rows = nearest(count * FIRST_SIEVE)
      const table = weights(query)
      const scores = Float32Array.from(rows, (row) => likeness(row, table))
      // Who asks compares them anyway, so they need no order among themselves.
      const least = scores.toSorted().at(-count) ?? Number.NEGATIVE_INFINITY
      const passed: number[] = []
      for (let at = 0; at < rows.length && passed.length < count; at += 1)
        if ((scores[at] ?? 0) >= least) passed.push(ids[rows[at] ?? 0] ?? 0)
      return passed
    },
  }
}

function copied<T extends Uint32Array | Float32Array | Float64Array>(into: T, from: T): T {
  into.set(from)
  return into
}
