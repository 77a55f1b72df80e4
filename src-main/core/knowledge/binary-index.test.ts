import { expect, test } from 'vitest'
import { evenlySpread } from '../plan/evenly-spread.ts'
import { createBinaryIndex, signsOf } from './binary-index.ts'
import { unitVector } from './embedder.ts'

/** Vectors of unit length around a few middles. */
function clustered(count: number, dimensions: number, seed: number): Float32Array[] {
  const random = evenlySpread(seed)
  const around = () => Float32Array.from({ length: dimensions }, () => random() + random() + random() - 1.5)
  const middles = Array.from({ length: 5 }, around)
  return Array.from({ length: count }, (_, index) => {
    const own = around()
    return unit(own.map((value, at) => value * 0.6 + (middles[index % 5]?.[at] ?? 0)))
  })
}

function unit(vector: Float32Array): Float32Array {
  return unitVector([...vector]) ?? vector
}

function likeness(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}

test('K4 among 1 in 10 as candidates are nearly all of the ten nearest, for any number of dimensions', () => {
  for (const dimensions of [100, 768]) {
    const vectors = clustered(3_000, dimensions, dimensions)
    const index = createBinaryIndex(dimensions)
    for (const [id, vector] of vectors.entries()) index.add(id, id % 2, signsOf(vector))
    let found = 0
    const questions = clustered(20, dimensions, dimensions).map((vector) =>
      unit(vector.map((value, at) => value + 0.3 * Math.sin(at))),
    )
    for (const question of questions) {
      const nearest = vectors
        .map((vector, id) => ({ id, near: likeness(vector, question) }))
        .sort((a, b) => b.near - a.near)
        .slice(0, 10)
      const candidates = new Set(index.candidates(question, 300, null))
      expect(candidates.size).toBe(300)
      found += nearest.filter(({ id }) => candidates.has(id)).length
    }
    expect(found / 200).toBeGreaterThan(0.9)
  }
})

test('K4 S6 candidates are of the wanted scopes alone, and all of them where there are few', () => {
  const index = createBinaryIndex(16)
  const vectors = clustered(500, 16, 3)
  for (const [id, vector] of vectors.entries()) index.add(id, id % 100 === 0 ? 7 : 1, signsOf(vector))
  const question = vectors[1] ?? new Float32Array(16)
  expect(index.candidates(question, 20, [7]).sort((a, b) => a - b)).toEqual([0, 100, 200, 300, 400])
  expect(index.candidates(question, 20, [2])).toEqual([])
  expect(index.candidates(question, 20, [1, 7])).toHaveLength(20)
  expect(createBinaryIndex(16).candidates(question, 20, null)).toEqual([])
})
