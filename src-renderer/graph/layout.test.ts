import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FOLD_ID, foldFinished } from './fold.ts'
import { type GraphItem, layersOf, layoutGraph, NODE_HEIGHT, NODE_WIDTH } from './layout.ts'
import { neighbour } from './neighbour.ts'

/** A random graph without circles: each task depends on some before it. */
const graphs = (most: number): fc.Arbitrary<GraphItem[]> =>
  fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: most }).map((links) =>
    links.map((on, index) => ({
      id: `t${index}`,
      depends_on: index === 0 ? [] : [...new Set(on.map((each) => `t${each % index}`))],
    })),
  )

function expectTidy(items: readonly GraphItem[]): void {
  const { positions } = layoutGraph(items)
  expect(positions.size).toBe(items.length)
  for (const item of items) {
    for (const on of item.depends_on) {
      expect(positions.get(on)?.x).toBeLessThan((positions.get(item.id)?.x ?? 0) - NODE_WIDTH + 1)
    }
  }
  const all = [...positions.values()]
  const overlaps = all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter((two) => Math.abs(one.x - two.x) < NODE_WIDTH && Math.abs(one.y - two.y) < NODE_HEIGHT)
      .map((two) => [one, two]),
  )
  expect(overlaps).toEqual([])
}

describe('the layout of a graph', () => {
  it('U2 places every task right of what it depends on, without overlap', () => {
    fc.assert(fc.property(graphs(25), expectTidy), { numRuns: 50 })
  })

  it('U5 keeps that for a thousand tasks', () => {
    const items = Array.from({ length: 1_000 }, (_, index) => ({
      id: `t${index}`,
      depends_on: index < 10 ? [] : [`t${index - 10}`, `t${(index * 7) % index}`],
    }))
    expectTidy(items)
  })

  it('U5 gives the same object for the same structure, so that a state change moves nothing', () => {
    const items = (state: string) => [
      { id: 'a', depends_on: [], state },
      { id: 'b', depends_on: ['a'], state },
    ]
    expect(layoutGraph(items('running'))).toBe(layoutGraph(items('succeeded')))
    expect(layoutGraph([{ id: 'a', depends_on: [] }])).not.toBe(layoutGraph(items('running')))
  })

  it('P5 shows tasks that form a circle instead of failing on them', () => {
    const circle = [
      { id: 'a', depends_on: ['b'] },
      { id: 'b', depends_on: ['a'] },
    ]
    expect(layoutGraph(circle).positions.size).toBe(2)
    expect(layersOf(circle)).toHaveLength(1)
  })
})

describe('folding finished layers', () => {
  const items = [
    { id: 'a', depends_on: [], done: true },
    { id: 'b', depends_on: [], done: true },
    { id: 'c', depends_on: ['a', 'b'], done: true },
    { id: 'd', depends_on: ['c'], done: true },
    { id: 'e', depends_on: ['d', 'a'], done: false },
    { id: 'f', depends_on: ['e'], done: false },
  ]

  it('U2 folds finished layers into one item and keeps the edges to it', () => {
    const [fold, ...visible] = foldFinished(items, (item) => item.done)
    expect(fold).toMatchObject({ id: FOLD_ID, folded: items.slice(0, 4) })
    expect(visible.map((item) => [item.id, item.depends_on])).toEqual([
      ['e', [FOLD_ID]],
      ['f', ['e']],
    ])
    expect(visible[1]).toBe(items[5])
  })

  it('U2 folds nothing while a first layer still works, and nothing once all is done', () => {
    expect(foldFinished(items, (item) => item.done && item.id !== 'a')).toEqual(items)
    expect(foldFinished(items, () => true)).toEqual(items)
  })
})

describe('moving through a graph', () => {
  const items = [
    { id: 'a', depends_on: [] },
    { id: 'b', depends_on: ['a'] },
    { id: 'c', depends_on: ['a'] },
  ]

  it('U5 goes along dependencies and up and down a column', () => {
    const layout = layoutGraph(items)
    const [upper, lower] =
      (layout.positions.get('b')?.y ?? 0) < (layout.positions.get('c')?.y ?? 0) ? ['b', 'c'] : ['c', 'b']
    expect(neighbour(items, layout, upper, 'down')).toBe(lower)
    expect(neighbour(items, layout, lower, 'up')).toBe(upper)
    expect(neighbour(items, layout, 'c', 'left')).toBe('a')
    expect(['b', 'c']).toContain(neighbour(items, layout, 'a', 'right'))
    expect(neighbour(items, layout, 'a', 'left')).toBeNull()
  })
})
