import { expect, test } from 'vitest'
import { planDocument } from '#contract/plan.ts'
import { fixedTasks, putBack, touched } from './fixed-tasks.ts'
import { advance, startHistory } from './plan-history.ts'

const task = (key: string, depends_on: string[] = []) => ({
  ...{ key, title: `Task ${key}`, type: 'writing', complexity: 'simple', depends_on },
})
const document = planDocument.parse({ title: 'A plan', tasks: [task('a'), task('b', ['a']), task('c', ['b'])] })
const fixed = fixedTasks({
  plan_id: 'pln_1',
  document,
  tasks: [
    { key: 'a', task_id: 'tsk_1', state: 'failed' },
    { key: 'b', task_id: 'tsk_2', state: 'succeeded' },
    { key: 'c', task_id: 'tsk_3', state: 'running' },
  ],
})

test('P7 an edit that touches a finished task is refused with its name, and all others are made', () => {
  const start = startHistory(document)
  const removed = advance(start, { kind: 'edit', edit: { kind: 'remove', key: 'b', dependants: 'drop' } }, fixed)
  expect(removed).toMatchObject({ present: document, refused: true })
  expect(removed.notice).toContain('“Task b”')
  const retitled = advance(
    start,
    { kind: 'edit', edit: { kind: 'set_field', key: 'b', change: { title: 'B' } } },
    fixed,
  )
  expect(retitled.refused).toBe(true)
  const other = advance(start, { kind: 'edit', edit: { kind: 'set_field', key: 'c', change: { title: 'C' } } }, fixed)
  expect(other).toMatchObject({ refused: false, present: { tasks: [{}, {}, { title: 'C' }] } })
  // What it depended on may go.
  const before = advance(start, { kind: 'edit', edit: { kind: 'remove', key: 'a', dependants: 'drop' } }, fixed)
  expect(before.present.tasks.map(({ key }) => key)).toEqual(['b', 'c'])
})

test('P7 what finished while it was being changed is put back in one step', () => {
  const changed = { ...document, tasks: document.tasks.filter(({ key }) => key === 'c') }
  expect(touched(changed, fixed).map(({ key }) => key)).toEqual(['b'])
  const whole = putBack(changed, fixed)
  expect(whole.tasks.map(({ key, depends_on }) => [key, depends_on])).toEqual([
    ['b', []],
    ['c', ['b']],
  ])
  expect(touched(whole, fixed)).toEqual([])
})
