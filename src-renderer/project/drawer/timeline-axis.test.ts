import { expect, test } from 'vitest'
import type { RunMoment } from '#contract/run-timeline.ts'
import { axisOf, groupsOf, usedIn } from './timeline-axis.ts'

const START = Date.parse('2026-11-21T09:00:00Z')
const at = (seconds: number): string => new Date(START + seconds * 1_000).toISOString()

function moment(id: string, kind: RunMoment['kind'], from: number, to: number | null, more: object = {}): RunMoment {
  return {
    ...{ id, kind, phase_id: null, name: id, state: 'succeeded', from: at(from), to: to === null ? null : at(to) },
    ...{ reason: '', findings: [], input_tokens: 0, output_tokens: 0, cost_micros: 0, paid: false, reused: false },
    ...more,
  }
}

test('U2 waits take no room on the axis of a timeline, wherever they lie', () => {
  const moments = [
    moment('intent', 'phase', 0, 10),
    // The wait of a night in the middle of a phase.
    moment('tool_exec', 'phase', 10, 40_030),
    moment('wait', 'wait', 20, 40_020, { phase_id: 'tool_exec' }),
    moment('verifier', 'phase', 40_030, 40_040),
  ]
  const axis = axisOf(moments, START)
  expect([at(0), at(10), at(20), at(30_000), at(40_020), at(40_030), at(40_040)].map(axis)).toEqual([
    ...[0, 25, 50, 50, 50, 75, 100],
  ])
})

test('U2 what goes on reaches to now', () => {
  const moments = [moment('intent', 'phase', 0, 10), moment('tool_exec', 'phase', 10, null)]
  expect(axisOf(moments, START + 40_000)(null)).toBe(100)
  expect(axisOf(moments, START + 40_000)(at(10))).toBe(25)
})

test('U2 a phase has what happened in it, and what that used; what was taken over is not used again', () => {
  const call = { phase_id: 'tool_exec', input_tokens: 100, output_tokens: 10, cost_micros: 7, paid: true }
  const { groups, beside } = groupsOf([
    moment('before', 'wait', 0, 1),
    moment('tool_exec', 'phase', 1, 9),
    moment('one', 'model', 2, 3, call),
    moment('two', 'model', 3, 4, { ...call, reused: true }),
    moment('end', 'end', 9, 9),
  ])
  expect(groups.map(({ phase, within }) => [phase.id, within.map(({ id }) => id)])).toEqual([
    ['tool_exec', ['one', 'two']],
  ])
  expect(beside.map(({ id }) => id)).toEqual(['before', 'end'])
  expect(usedIn(groups[0]?.within ?? [])).toEqual({ tokens: 110, cost_micros: 7, paid: true })
})
