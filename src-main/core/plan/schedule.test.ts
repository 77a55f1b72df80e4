import { expect, test } from 'vitest'
import { planDocument } from '#contract/plan.ts'
import { createSchedule } from './schedule.ts'

function plan(...dependencies: string[][]) {
  const tasks = dependencies.map((depends_on, index) => ({
    key: `t${index}`,
    title: 'x',
    type: 'writing',
    complexity: 'simple',
    depends_on,
  }))
  return planDocument.parse({ title: 'x', tasks })
}

test('P4 a chain takes the sum of its tasks, however many may run at once', () => {
  expect(createSchedule(plan([], ['t0'], ['t1']), 4)([1, 2, 3])).toBe(6)
})

test('P4 independent tasks share the places, first come, first served', () => {
  const four = plan([], [], [], [])
  expect(createSchedule(four, 1)([4, 1, 1, 2])).toBe(8)
  expect(createSchedule(four, 2)([4, 1, 1, 2])).toBe(4)
  expect(createSchedule(four, 9)([4, 1, 1, 2])).toBe(4)
})

test('P4 a task starts when the last of what it depends on is done', () => {
  expect(createSchedule(plan([], [], ['t0', 't1'], ['t0']), 2)([5, 1, 3, 4])).toBe(9)
})

test('P4 the same schedule can be asked again, and a chain of 1,000 tasks too', () => {
  const links = Array.from({ length: 1_000 }, (_, index) => (index === 0 ? [] : [`t${index - 1}`]))
  const schedule = createSchedule(plan(...links), 3)
  const times = new Float64Array(1_000).fill(7)
  expect([schedule(times), schedule(times)]).toEqual([7_000, 7_000])
})

test('P4 an empty schedule and one with a cycle end', () => {
  expect(createSchedule(plan([], ['t2'], ['t1']), 2)([5, 1, 1])).toBe(5)
})
