import { evenlySpread } from '../src-main/core/plan/evenly-spread.ts'

/**
 * How vectors of a corpus lie. Real embeddings of text are not spread evenly: they lean to one side in common, gather around
 * topics of very different sizes, and most of their variance lies in few directions, which lie across the axes.
 */
export interface Spread {
  readonly name: string
  readonly topics: number
  /** Weights of what all have in common, of the topic, and of what is a vector's own. */
  readonly common: number
  readonly topic: number
  readonly own: number
  /** How fast the variance falls from direction to direction (a power of its rank). */
  readonly falls: number
  /** Share of vectors that hardly differ from one before: copied passages. */
  readonly copies: number
}

/** Few broad topics, much in common: the 20 nearest of 100,000 are about 0.75 alike. */
export const BROAD: Spread = { name: 'broad', topics: 300, common: 0.75, topic: 0.7, own: 0.65, falls: 0.35, copies: 0 }
/** Many narrow topics whose members are hard to tell apart, and passages that were copied. */
export const NARROW: Spread = {
  name: 'narrow',
  topics: 2_000,
  common: 0.3,
  topic: 0.8,
  own: 0.35,
  falls: 0.2,
  copies: 0.05,
}

export interface LikelyVectors {
  /** `count` vectors of unit length, one after another. */
  readonly corpus: Float32Array
  readonly questions: readonly Float32Array[]
}

/** The same seed gives the same vectors. Questions are drawn as the corpus is, and are not in it. */
export function likelyVectors(
  spread: Spread,
  count: number,
  questions: number,
  dimensions: number,
  seed: number,
): LikelyVectors {
  const random = evenlySpread(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(Math.max(random(), 1e-12))) * Math.cos(2 * Math.PI * random())
  const falling = Float64Array.from({ length: dimensions }, (_, rank) => (rank + 1) ** -spread.falls)
  const direction = (): Float32Array => unit(Float32Array.from(falling, (scale) => scale * normal()))
  // Mirrors turn the axes, so that no direction lies along one.
  const mirrors = Array.from({ length: 3 }, () => unit(Float32Array.from(falling, normal)))
  const common = direction()
  const topics = Array.from({ length: spread.topics }, direction)
  const pick = (): number => Math.min(spread.topics - 1, Math.floor(spread.topics * random() ** 2))

  function draw(): Float32Array {
    const topic = topics[pick()] ?? common
    const own = direction()
    const made = Float32Array.from(
      own,
      (value, at) => spread.common * (common[at] ?? 0) + spread.topic * (topic[at] ?? 0) + spread.own * value,
    )
    for (const mirror of mirrors) reflect(made, mirror)
    return unit(made)
  }

  const corpus = new Float32Array(count * dimensions)
  for (let index = 0; index < count; index += 1) {
    const isCopy = index > 0 && random() < spread.copies
    const from = Math.floor(random() * index) * dimensions
    const vector = isCopy
      ? unit(Float32Array.from(corpus.subarray(from, from + dimensions), (value) => value + 0.002 * normal()))
      : draw()
    corpus.set(vector, index * dimensions)
  }
  return { corpus, questions: Array.from({ length: questions }, draw) }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  for (let at = 0; at < vector.length; at += 1) vector[at] = (vector[at] ?? 0) / length
  return vector
}

function reflect(vector: Float32Array, mirror: Float32Array): void {
  let along = 0
  for (let at = 0; at < vector.length; at += 1) along += (vector[at] ?? 0) * (mirror[at] ?? 0)
  for (let at = 0; at < vector.length; at += 1) vector[at] = (vector[at] ?? 0) - 2 * along * (mirror[at] ?? 0)
}

/** The rows of the `count` vectors that are most like a question, by looking at all. */
export function nearestExactly(corpus: Float32Array, question: Float32Array, count: number): number[] {
  const rows = corpus.length / question.length
  const likeness = new Float64Array(rows)
  for (let row = 0, at = 0; row < rows; row += 1) {
    let sum = 0
    for (let part = 0; part < question.length; part += 1, at += 1) sum += (question[part] ?? 0) * (corpus[at] ?? 0)
    likeness[row] = sum
  }
  return Array.from(likeness, (value, row) => ({ value, row }))
    .sort((a, b) => b.value - a.value)
    .slice(0, count)
    .map(({ row }) => row)
}
