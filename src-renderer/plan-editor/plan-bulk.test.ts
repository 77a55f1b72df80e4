import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlanDocument, type PlanTask, planDocument, planTask } from '#contract/plan.ts'
import { fixedTasks } from './fixed-tasks.ts'
import { type BulkEdit, editMany } from './plan-bulk.ts'
import { advance, startHistory } from './plan-history.ts'
import { edits } from './plan-keys.ts'
import { orderByDependencies } from './plan-order.ts'
import { dropped } from './row-drag.ts'

function task(key: string, ...dependsOn: string[]): PlanTask {
  return planTask.parse({ key, title: `Task ${key}`, type: 'writing', complexity: 'simple', depends_on: dependsOn })
}

function planOf(...tasks: PlanTask[]): PlanDocument {
  return { title: 'Plan', summary: '', tasks }
}

const chain = () => planOf(task('t1'), task('t2', 't1'), task('t3', 't2'), task('t4', 't3'))

function edited(document: PlanDocument, edit: BulkEdit): PlanDocument {
  const result = editMany(document, edit)
  if (!result.ok) throw new Error(`refused: ${result.error}`)
  return result.value.document
}

function refusal(document: PlanDocument, edit: BulkEdit): string {
  const result = editMany(document, edit)
  if (result.ok) throw new Error('the edit was not refused')
  return result.error
}

const keysOf = (document: PlanDocument) => document.tasks.map(({ key }) => key)
const links = (document: PlanDocument) => Object.fromEntries(document.tasks.map((each) => [each.key, each.depends_on]))

describe('editing several tasks of a plan', () => {
  it('P5 sets a field of all, as one step of undo', () => {
    const start = startHistory(chain())
    const keys = ['t1', 't3']
    const after = advance(start, { kind: 'edit', edit: { kind: 'set_all', keys, change: { tier: 'strong' } } })
    expect(after.present.tasks.map(({ tier }) => tier)).toEqual(['strong', null, 'strong', null])
    expect(after.past).toHaveLength(1)
    expect(advance(after, { kind: 'undo' }).present).toEqual(start.present)
  })

  it('P5 adds entries to the lists of all and takes others away, without doubling any', () => {
    const before = planOf({ ...task('t1'), tools: ['read_file'] }, { ...task('t2'), tools: ['read_file', 'fetch_url'] })
    const after = edited(before, {
      ...{ kind: 'change_lists', keys: ['t1', 't2'], field: 'tools' },
      ...{ add: ['fetch_url'], remove: ['read_file'] },
    })
    expect(after.tasks.map(({ tools }) => tools)).toEqual([['fetch_url'], ['fetch_url']])
  })

  it('P5 makes all wait for a task, though not that task for itself', () => {
    const loose = planOf(task('t1'), task('t2'), task('t3'))
    const after = edited(loose, {
      ...{ kind: 'change_lists', keys: ['t1', 't2', 't3'], field: 'depends_on' },
      ...{ add: ['t1'], remove: [] },
    })
    expect(links(after)).toEqual({ t1: [], t2: ['t1'], t3: ['t1'] })
  })

  it('P5 refuses a circle for all, with the reason, and changes none', () => {
    const waitForLast: BulkEdit = {
      ...{ kind: 'change_lists', keys: ['t2', 't3'], field: 'depends_on' },
      ...{ add: ['t4'], remove: [] },
    }
    expect(refusal(chain(), waitForLast)).toBe(
      'Nothing was changed. t2 cannot depend on t4: that closes a circle (t2 → t4 → t3 → t2).',
    )
    const after = advance(startHistory(chain()), { kind: 'edit', edit: waitForLast })
    expect(after).toMatchObject({ present: chain(), past: [], refused: true })
  })

  it('P5 removes several, and what waited for them waits for what they waited for', () => {
    expect(links(edited(chain(), { kind: 'remove_all', keys: ['t2', 't3'] }))).toEqual({ t1: [], t4: ['t1'] })
    expect(refusal(chain(), { kind: 'remove_all', keys: keysOf(chain()) })).toContain('at least one task')
  })

  it('P5 duplicates several as a block that depends within itself', () => {
    const after = edited(chain(), { kind: 'duplicate_all', keys: ['t2', 't3'] })
    expect(keysOf(after)).toEqual(['t1', 't2', 't3', 't5', 't6', 't4'])
    expect(links(after)).toMatchObject({ t5: ['t1'], t6: ['t5'], t4: ['t3'] })
  })

  it('P5 moves several in one block, a place at a time by keys and to where they are dropped', () => {
    const moved = (edit: ReturnType<typeof edits.moveBy>) =>
      keysOf(advance(startHistory(chain()), { kind: 'edit', edit }).present)
    expect(moved(edits.moveBy(chain(), ['t2', 't3'], -1))).toEqual(['t2', 't3', 't1', 't4'])
    expect(moved(edits.moveBy(chain(), ['t2', 't3'], 1))).toEqual(['t1', 't4', 't2', 't3'])
    expect(moved(edits.moveBy(chain(), ['t1'], -1))).toEqual(keysOf(chain()))
    expect(moved(dropped(chain(), ['t1', 't3'], { kind: 'gap', at: 4 }))).toEqual(['t2', 't4', 't1', 't3'])
    expect(moved(dropped(chain(), ['t4'], { kind: 'gap', at: 1 }))).toEqual(['t1', 't4', 't2', 't3'])
  })

  it('P5 makes a task wait for those that are dropped onto it, and refuses a circle', () => {
    const onto = (keys: string[], key: string) =>
      advance(startHistory(chain()), { kind: 'edit', edit: dropped(chain(), keys, { kind: 'after', key }) })
    expect(links(onto(['t1', 't2'], 't4').present)['t4']).toEqual(['t3', 't1', 't2'])
    expect(onto(['t4'], 't1')).toMatchObject({ refused: true, notice: expect.stringContaining('closes a circle') })
  })

  it('P5 makes a chain of several by the key that makes one wait, and takes it back', () => {
    const loose = planOf(task('t1'), task('t2'), task('t3'))
    const chained = edited(loose, { kind: 'indent_all', keys: ['t1', 't2', 't3'] })
    expect(links(chained)).toEqual({ t1: [], t2: ['t1'], t3: ['t2'] })
    expect(links(edited(chained, { kind: 'outdent_all', keys: ['t1', 't2', 't3'] }))).toEqual({
      t1: [],
      t2: [],
      t3: [],
    })
  })

  it('P7 changes none where one of them has finished', () => {
    const fixed = fixedTasks({
      ...{ plan_id: 'pln_1', document: chain() },
      tasks: [{ key: 't1', task_id: 'tsk_1', state: 'succeeded' }],
    })
    const all: BulkEdit = { kind: 'set_all', keys: ['t1', 't2'], change: { tier: 'fast' } }
    const after = advance(startHistory(chain()), { kind: 'edit', edit: all }, fixed)
    expect(after).toMatchObject({ present: chain(), refused: true, notice: expect.stringContaining('has finished') })
  })

  it('P5 keeps every plan valid and free of circles under any sequence of edits of several', () => {
    const key = fc.integer({ min: 1, max: 9 }).map((number) => `t${number}`)
    const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 5 })
    const edit: fc.Arbitrary<BulkEdit> = fc.oneof(
      fc.record({ kind: fc.constant('duplicate_all' as const), keys }),
      fc.record({ kind: fc.constant('remove_all' as const), keys }),
      fc.record({ kind: fc.constant('indent_all' as const), keys }),
      fc.record({ kind: fc.constant('outdent_all' as const), keys }),
      fc.record({ kind: fc.constant('move_all' as const), keys, to: fc.integer({ min: -3, max: 15 }) }),
      fc.record({
        ...{ kind: fc.constant('change_lists' as const), keys, field: fc.constant('depends_on' as const) },
        ...{ add: fc.array(key, { maxLength: 3 }), remove: fc.array(key, { maxLength: 3 }) },
      }),
    )
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), (list) => {
        let document = chain()
        for (const each of list) {
          // As the table does: only tasks that are there are chosen, in their order.
          const present = keysOf(document).filter((one) => each.keys.includes(one))
          const result = editMany(document, { ...each, keys: present })
          if (result.ok) document = result.value.document
        }
        const all = keysOf(document)
        expect(new Set(all).size).toBe(all.length)
        expect(document.tasks.flatMap((each) => each.depends_on).every((on) => all.includes(on))).toBe(true)
        expect(orderByDependencies(document.tasks)).not.toBeNull()
        expect(planDocument.safeParse(document).success).toBe(true)
      }),
    )
  })
})
