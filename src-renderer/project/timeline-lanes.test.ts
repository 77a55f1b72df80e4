import { describe, expect, it } from 'vitest'
import type { Task } from '#contract/task.ts'
import { BAR_WIDTH, type Block, blocksByRow, closerLook, lanesOf, stretchOf, ticksOf } from './timeline-lanes.ts'
import { spansOfTasks } from './timeline-spans.ts'

/** Of the axis, in pixels. */
const WIDTH = 1_000

const at = (second: number) => new Date(second * 1_000).toISOString()

function ran(id: string, profile: string, paid: boolean, from: number, to: number | null): Task {
  return { id, profile, paid, started_at: at(from), ended_at: to === null ? null : at(to) } as Task
}

describe('the lanes of the timeline', () => {
  const tasks = [
    ran('a', 'claude', true, 0, 10),
    ran('b', 'llama', false, 0, 10),
    ran('c', 'llama', false, 10, 20),
    ran('d', 'llama', false, 15, null),
    { id: 'e', started_at: null } as Task,
  ]

  it('U2 puts local lanes first and runs at the same time below each other', () => {
    const lanes = lanesOf(spansOfTasks(tasks, 40_000), WIDTH)
    expect(lanes.map((lane) => [lane.name, lane.rows])).toEqual([
      ['llama', 2],
      ['claude', 1],
    ])
    expect(lanes[0]?.bars.map((bar) => [bar.task.id, bar.row])).toEqual([
      ['b', 0],
      ['c', 0],
      ['d', 1],
    ])
  })

  it('U2 lets a running task reach until now', () => {
    expect(lanesOf(spansOfTasks(tasks, 40_000), WIDTH)[0]?.bars.at(-1)?.to).toBe(40_000)
  })

  it('U5 draws six thousand runs as few enough blocks, none lost, and each run by itself when one looks closer', () => {
    const many = Array.from({ length: 6_000 }, (_, index) =>
      ran(`t${index}`, 'llama', false, index, index + 1 + (index % 16)),
    )
    const [lane] = lanesOf(spansOfTasks(many, 0), WIDTH)
    if (lane === undefined) throw new Error('No lane')
    const whole = blocksByRow(lane, { from: 0, to: 6_016_000 }, WIDTH).flat()
    expect(whole.length).toBeLessThan(1_500)
    expect(whole.flatMap((block) => block.bars)).toHaveLength(6_000)
    const close = blocksByRow(lane, { from: 0, to: 20_000 }, WIDTH).flat()
    expect(close.every((block) => block.bars.length === 1)).toBe(true)
    expect(close.length).toBeGreaterThan(15)
  })

  /** Where the bars of each row are drawn, in pixels, and whether any lies on another. */
  function overlaps(rows: readonly Block[][], shown: { from: number; to: number }): number {
    const pixels = (ms: number) => (WIDTH * ms) / (shown.to - shown.from)
    let count = 0
    for (const row of rows) {
      let free = Number.NEGATIVE_INFINITY
      for (const block of row) {
        const from = Math.max(shown.from, block.from)
        // What is computed in fractions is not exact.
        if (pixels(from) < free - 0.01) count += 1
        free = pixels(from) + Math.max(BAR_WIDTH, pixels(Math.min(shown.to, block.to) - from))
      }
    }
    return count
  }

  it('U5 gives each of a few short runs a bar of its own, wide enough to be hit', () => {
    const short = [0, 1, 1.5, 2, 300, 301, 900, 3_599].map((from, index) =>
      ran(`s${index}`, 'llama', false, from, from + 1),
    )
    const [lane] = lanesOf(spansOfTasks([...short, ran('long', 'llama', false, 0, 3_600)], 0), WIDTH)
    if (lane === undefined) throw new Error('No lane')
    const shown = stretchOf(lane.bars)
    const rows = blocksByRow(lane, shown, WIDTH)
    expect(rows.flat()).toHaveLength(9)
    expect(overlaps(rows, shown)).toBe(0)
  })

  it('U5 lets no bar lie on another, however many and however close one looks, and a closer look always tells more', () => {
    const many = Array.from({ length: 3_000 }, (_, index) =>
      ran(
        `t${index}`,
        'llama',
        false,
        (index * index) % 7_919,
        ((index * index) % 7_919) + (index % 5 === 0 ? 0 : index % 40),
      ),
    )
    const [lane] = lanesOf(spansOfTasks(many, 0), WIDTH)
    if (lane === undefined) throw new Error('No lane')
    let shown = stretchOf(lane.bars)
    for (let looks = 0; ; looks += 1) {
      expect(looks).toBeLessThan(10)
      const rows = blocksByRow(lane, shown, WIDTH)
      expect(overlaps(rows, shown)).toBe(0)
      const block = rows.flat().find(({ bars }) => bars.length > 1)
      if (block === undefined) break
      shown = closerLook(block)
      const parts = blocksByRow(lane, shown, WIDTH).flat()
      expect(parts.some(({ bars }) => block.bars.every((bar) => bars.includes(bar)))).toBe(false)
    }
  })

  it('U2 marks round moments, never too many', () => {
    expect(ticksOf(0, 60_000, 6)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000])
    for (const span of [500, 90_000, 4_000_000, 900_000_000]) expect(ticksOf(7, 7 + span, 8).length).toBeLessThan(10)
  })
})
