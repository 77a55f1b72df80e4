import { expect, test } from 'vitest'
import { type PlanDocument, planDocument } from '#contract/plan.ts'
import { createSchedule, type Lane, type Schedule } from './schedule.ts'

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

/** All tasks in one lane that has room for all, where nothing else is said. */
function schedule(document: PlanDocument, places: number, lanes?: readonly Lane[]): Schedule {
  return createSchedule(document, places, lanes ?? document.tasks.map(() => ({ name: 'model', places: 99 })))
}

test('P4 a chain takes the sum of its tasks, however many may run at once', () => {
  expect(schedule(plan([], ['t0'], ['t1']), 4)([1, 2, 3])).toBe(6)
})

test('P4 independent tasks share the places, first come, first served', () => {
  const four = plan([], [], [], [])
  expect(schedule(four, 1)([4, 1, 1, 2])).toBe(8)
  expect(schedule(four, 2)([4, 1, 1, 2])).toBe(4)
  expect(schedule(four, 9)([4, 1, 1, 2])).toBe(4)
})

test('P4 a task starts when the last of what it depends on is done', () => {
  expect(schedule(plan([], [], ['t0', 't1'], ['t0']), 2)([5, 1, 3, 4])).toBe(9)
})

test('P4 the same schedule can be asked again, and a chain of 1,000 tasks too', () => {
  const links = Array.from({ length: 1_000 }, (_, index) => (index === 0 ? [] : [`t${index - 1}`]))
  const long = schedule(plan(...links), 3)
  const times = new Float64Array(1_000).fill(7)
  expect([long(times), long(times)]).toEqual([7_000, 7_000])
})

test('P4 an empty schedule and one with a cycle end', () => {
  expect(schedule(plan([], ['t2'], ['t1']), 2)([5, 1, 1])).toBe(5)
})

test('P4 a model that takes one task at a time does one after the other, while others go on', () => {
  const [one, many]: Lane[] = [
    { name: 'local', places: 1 },
    { name: 'cloud', places: 4 },
  ]
  if (one === undefined || many === undefined) throw new Error('There are two lanes')
  const four = plan([], [], [], [])
  expect(schedule(four, 8, [one, one, one, one])([1, 2, 3, 4])).toBe(10)
  expect(schedule(four, 8, [one, many, one, many])([1, 9, 3, 9])).toBe(9)
  // A place in all is not kept for a lane that is full.
  expect(schedule(four, 2, [one, one, many, many])([5, 1, 2, 2])).toBe(6)
})
