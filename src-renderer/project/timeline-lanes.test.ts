import { describe, expect, it } from 'vitest'
import type { Task } from '#contract/task.ts'
import { blocksByRow, lanesOf, ticksOf } from './timeline-lanes.ts'

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
    const lanes = lanesOf(tasks, 40_000)
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
    expect(lanesOf(tasks, 40_000)[0]?.bars.at(-1)?.to).toBe(40_000)
  })

  it('U5 draws six thousand runs as few enough blocks, none lost, and each run by itself when one looks closer', () => {
    const many = Array.from({ length: 6_000 }, (_, index) =>
      ran(`t${index}`, 'llama', false, index, index + 1 + (index % 16)),
    )
    const [lane] = lanesOf(many, 0)
    if (lane === undefined) throw new Error('No lane')
    const whole = blocksByRow(lane, { from: 0, to: 6_016_000 }).flat()
    expect(whole.length).toBeLessThan(1_500)
    expect(whole.flatMap((block) => block.bars)).toHaveLength(6_000)
    const close = blocksByRow(lane, { from: 0, to: 20_000 }).flat()
    expect(close.every((block) => block.bars.length === 1)).toBe(true)
    expect(close.length).toBeGreaterThan(15)
  })

  it('U2 marks round moments, never too many', () => {
    expect(ticksOf(0, 60_000, 6)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000])
    for (const span of [500, 90_000, 4_000_000, 900_000_000]) expect(ticksOf(7, 7 + span, 8).length).toBeLessThan(10)
  })
})
