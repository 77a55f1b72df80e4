import { describe, expect, it } from 'vitest'
import { planDocument } from '#contract/plan.ts'
import {
  actedOn,
  advanceSelection,
  choose,
  howOf,
  type PlanSelection,
  selectAll,
  selectOnly,
  settle,
} from './plan-selection.ts'

const tasks = ['t1', 't2', 't3', 't4', 't5'].map((key) => ({ key, title: key, type: 'writing', complexity: 'simple' }))
const document = planDocument.parse({ title: 'Plan', tasks })

const acted = (selection: PlanSelection) => actedOn(document, selection)

describe('choosing tasks of a plan', () => {
  it('P5 extends a range from where it began, in both directions, and begins anew with a plain choice', () => {
    const start = selectOnly('t3')
    expect(acted(choose(document, start, 't5', 'extend'))).toEqual(['t3', 't4', 't5'])
    const turned = choose(document, choose(document, start, 't5', 'extend'), 't2', 'extend')
    expect(acted(turned)).toEqual(['t2', 't3'])
    expect(acted(choose(document, turned, 't4', 'only'))).toEqual(['t4'])
  })

  it('P5 takes single tasks in and out, in the order of the plan', () => {
    const two = choose(document, selectOnly('t4'), 't1', 'toggle')
    expect(acted(two)).toEqual(['t1', 't4'])
    expect(acted(choose(document, two, 't4', 'toggle'))).toEqual(['t1'])
  })

  it('P5 begins anew with the first checkbox where a task was only gone to, and adds with the next', () => {
    const first = choose(document, selectOnly('t1'), 't4', 'check')
    expect(acted(first)).toEqual(['t4'])
    expect(acted(choose(document, first, 't2', 'check'))).toEqual(['t2', 't4'])
  })

  it('P5 acts on the task at the cursor where none is chosen, and not on one that is only looked at', () => {
    const none = choose(document, selectOnly('t2'), 't2', 'toggle')
    expect(acted(none)).toEqual(['t2'])
    expect(acted(choose(document, selectOnly('t2'), 't5', 'look'))).toEqual(['t2'])
  })

  it('P5 chooses all and stays where the cursor is', () => {
    const all = selectAll(document, selectOnly('t3'))
    expect(acted(all)).toHaveLength(5)
    expect(all.cursor).toBe('t3')
  })

  it('P5 goes to what took its place where the task at the cursor is gone', () => {
    const shorter = { ...document, tasks: document.tasks.filter(({ key }) => key !== 't3') }
    expect(settle(shorter, selectOnly('t3'), 2).cursor).toBe('t4')
    const two = choose(document, selectOnly('t3'), 't5', 'toggle')
    expect([...settle(shorter, two, 4).keys]).toEqual(['t5'])
  })

  it('P5 extends from the cursor where the task is gone at which the range began', () => {
    const shorter = { ...document, tasks: document.tasks.filter(({ key }) => key !== 't2') }
    const looked = choose(document, selectOnly('t2'), 't4', 'look')
    const settled = settle(shorter, looked, 3)
    expect(settled.anchor).toBe('t4')
    expect(actedOn(shorter, choose(shorter, settled, 't5', 'extend'))).toEqual(['t4', 't5'])
  })

  it('P5 chooses what was clicked although the click, by leaving a field, edited another task', () => {
    const kept = { selection: selectOnly('t1'), edit: [] }
    const after = { document, edited: ['t1'], row: 0 }
    const clicked = advanceSelection(kept, (now, known) => choose(now, known, 't4', 'only'), after)
    expect(acted(clicked.selection)).toEqual(['t4'])
    expect(advanceSelection(clicked, null, after).selection).toBe(clicked.selection)
    // The next edit has its say again.
    expect(acted(advanceSelection(clicked, null, { ...after, edited: ['t2'] }).selection)).toEqual(['t2'])
  })

  it('P5 adds to a task under the key that the same click gave it', () => {
    const renamed = {
      ...document,
      tasks: document.tasks.map((task) => (task.key === 't1' ? { ...task, key: 'owl' } : task)),
    }
    const kept = { selection: selectOnly('t1'), edit: [] }
    const next = { document: renamed, edited: ['owl'], row: 0 }
    const both = advanceSelection(kept, (now, known) => choose(now, known, 't4', 'toggle'), next)
    expect(actedOn(renamed, both.selection)).toEqual(['owl', 't4'])
  })

  it('P5 reads the keys held with a click as lists do', () => {
    const held = { shiftKey: false, ctrlKey: false, metaKey: false }
    expect([howOf(held), howOf({ ...held, shiftKey: true }), howOf({ ...held, metaKey: true })]).toEqual([
      'only',
      'extend',
      'toggle',
    ])
  })
})
