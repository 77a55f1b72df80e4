import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlanDocument, type PlanTask, planDocument, planTask } from '#contract/plan.ts'
import { diffPlans } from '#contract/plan-diff.ts'
import { editPlan, type PlanEdit } from './plan-edit.ts'
import { type AnyEdit, advance, type PlanHistory, resumeHistory, startHistory } from './plan-history.ts'
import { depths, orderByDependencies } from './plan-order.ts'
import { formerKeys } from './task-names.ts'

function task(key: string, ...dependsOn: string[]): PlanTask {
  return planTask.parse({ key, title: `Task ${key}`, type: 'writing', complexity: 'simple', depends_on: dependsOn })
}

function chain(): PlanDocument {
  return { title: 'Plan', summary: '', tasks: [task('t1'), task('t2', 't1'), task('t3', 't2')] }
}

function edited(document: PlanDocument, edit: PlanEdit) {
  const result = editPlan(document, edit)
  if (!result.ok) throw new Error(`refused: ${result.error}`)
  return result.value
}

function refusal(document: PlanDocument, edit: PlanEdit): string {
  const result = editPlan(document, edit)
  if (result.ok) throw new Error('the edit was not refused')
  return result.error
}

function dependencies(document: PlanDocument): Record<string, string[]> {
  return Object.fromEntries(document.tasks.map((each) => [each.key, each.depends_on]))
}

describe('editing a plan', () => {
  it('P5 adds a task after another under a key that is free', () => {
    const { document, select } = edited(chain(), { kind: 'add', after: 't1' })
    expect(document.tasks.map((each) => each.key)).toEqual(['t1', 't4', 't2', 't3'])
    expect(select).toBe('t4')
    expect(planDocument.safeParse(document).success).toBe(true)
  })

  it('P5 removes a task, rewires those that depended on it and says so', () => {
    const { document, notice, select } = edited(chain(), { kind: 'remove', key: 't2', dependants: 'rewire' })
    expect(dependencies(document)).toEqual({ t1: [], t3: ['t1'] })
    expect(notice).toBe('t2 removed; t3 now depends on t1 instead.')
    expect(select).toBe('t3')
  })

  it('P5 removes a task and drops the dependency where that was asked', () => {
    const { document, notice } = edited(chain(), { kind: 'remove', key: 't2', dependants: 'drop' })
    expect(dependencies(document)).toEqual({ t1: [], t3: [] })
    expect(notice).toBe('t2 removed; t3 no longer waits for it.')
  })

  it('P5 refuses to remove the last task', () => {
    const one = { ...chain(), tasks: [task('t1')] }
    expect(refusal(one, { kind: 'remove', key: 't1', dependants: 'drop' })).toContain('at least one task')
  })

  it('P5 duplicates a task with its dependencies and without its dependants', () => {
    const { document } = edited(chain(), { kind: 'duplicate', key: 't2' })
    expect(dependencies(document)).toEqual({ t1: [], t2: ['t1'], t4: ['t1'], t3: ['t2'] })
  })

  it('P5 splits a task: the second part follows and takes over the dependants', () => {
    const { document, notice } = edited(chain(), { kind: 'split', key: 't2' })
    expect(dependencies(document)).toEqual({ t1: [], t2: ['t1'], t4: ['t2'], t3: ['t4'] })
    expect(notice).toBe('t3 now waits for t4.')
  })

  it('P5 moves a task within the bounds of the list', () => {
    const keys = (to: number) => edited(chain(), { kind: 'move', key: 't1', to }).document.tasks.map((each) => each.key)
    expect(keys(1)).toEqual(['t2', 't1', 't3'])
    expect(keys(99)).toEqual(['t2', 't3', 't1'])
    expect(keys(-3)).toEqual(['t1', 't2', 't3'])
  })

  it('P5 renames a task everywhere and refuses a name that is taken or no name', () => {
    const { document } = edited(chain(), { kind: 'rename', key: 't2', to: 'owl' })
    expect(dependencies(document)).toEqual({ t1: [], owl: ['t1'], t3: ['owl'] })
    expect(refusal(chain(), { kind: 'rename', key: 't2', to: 't1' })).toContain('already called t1')
    expect(refusal(chain(), { kind: 'rename', key: 't2', to: 'a b' })).toContain('cannot name a task')
  })

  it('P5 refuses a dependency that closes a circle and shows the circle', () => {
    expect(refusal(chain(), { kind: 'connect', from: 't3', to: 't1' })).toBe(
      't1 cannot depend on t3: that closes a circle (t1 → t3 → t2 → t1).',
    )
    expect(refusal(chain(), { kind: 'set_dependencies', key: 't1', depends_on: ['t1'] })).toContain('itself')
    expect(refusal(chain(), { kind: 'set_dependencies', key: 't1', depends_on: ['no'] })).toContain('no task no')
  })

  it('P5 refuses a value that no plan can hold and says which', () => {
    expect(refusal(chain(), { kind: 'set_field', key: 't1', change: { title: '  ' } })).toContain('the title of t1')
    expect(edited(chain(), { kind: 'set_field', key: 't1', change: { title: ' Owl ' } }).document.tasks[0]?.title).toBe(
      'Owl',
    )
  })

  it('P5 indents and outdents the dependency on the task above', () => {
    const loose = { ...chain(), tasks: [task('t1'), task('t2')] }
    const tied = edited(loose, { kind: 'indent', key: 't2' }).document
    expect(dependencies(tied)).toEqual({ t1: [], t2: ['t1'] })
    expect(dependencies(edited(tied, { kind: 'outdent', key: 't2' }).document)).toEqual({ t1: [], t2: [] })
    expect(refusal(loose, { kind: 'indent', key: 't1' })).toContain('none above')
  })

  it('P5 keeps every plan valid and free of circles under any sequence of edits', () => {
    const key = fc.integer({ min: 1, max: 9 }).map((number) => `t${number}`)
    const edit: fc.Arbitrary<PlanEdit> = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), after: fc.option(key) }),
      fc.record({ kind: fc.constant('duplicate' as const), key }),
      fc.record({ kind: fc.constant('split' as const), key }),
      fc.record({
        kind: fc.constant('remove' as const),
        key,
        dependants: fc.constantFrom('rewire' as const, 'drop' as const),
      }),
      fc.record({ kind: fc.constant('move' as const), key, to: fc.integer({ min: -2, max: 12 }) }),
      fc.record({ kind: fc.constant('rename' as const), key, to: key }),
      fc.record({ kind: fc.constant('connect' as const), from: key, to: key }),
      fc.record({ kind: fc.constant('disconnect' as const), from: key, to: key }),
      fc.record({ kind: fc.constant('set_dependencies' as const), key, depends_on: fc.array(key, { maxLength: 4 }) }),
      fc.record({ kind: fc.constant('indent' as const), key }),
      fc.record({ kind: fc.constant('outdent' as const), key }),
    )
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 40 }), (edits) => {
        let document = chain()
        for (const each of edits) {
          const result = editPlan(document, each)
          if (result.ok) document = result.value.document
        }
        const keys = document.tasks.map((each) => each.key)
        expect(new Set(keys).size).toBe(keys.length)
        expect(document.tasks.flatMap((each) => each.depends_on).every((on) => keys.includes(on))).toBe(true)
        expect(orderByDependencies(document.tasks)).not.toBeNull()
        expect(planDocument.safeParse(document).success).toBe(true)
      }),
    )
  })
})

describe('the history of edits', () => {
  it('P5 undoes and redoes every edit, and forgets redo after a new edit', () => {
    const start = startHistory(chain())
    const first = advance(start, { kind: 'edit', edit: { kind: 'duplicate', key: 't1' } })
    const second = advance(first, { kind: 'edit', edit: { kind: 'remove', key: 't2', dependants: 'rewire' } })
    const back = advance(advance(second, { kind: 'undo' }), { kind: 'undo' })
    expect(back.present).toEqual(start.present)
    const again = advance(advance(back, { kind: 'redo' }), { kind: 'redo' })
    expect(again.present).toEqual(second.present)
    const branched = advance(back, { kind: 'edit', edit: { kind: 'add', after: null } })
    expect(advance(branched, { kind: 'redo' }).present).toEqual(branched.present)
  })

  it('P5 keeps the plan as it was after a refused edit and tells the reason', () => {
    const start = startHistory(chain())
    const refused = advance(start, { kind: 'edit', edit: { kind: 'connect', from: 't3', to: 't1' } })
    expect(refused).toMatchObject({ present: start.present, past: [], refused: true })
    expect(refused.notice).toContain('circle')
  })

  it('P5 makes no undo step out of an edit that changes nothing', () => {
    const start = startHistory(chain())
    const same = advance(start, { kind: 'edit', edit: { kind: 'set_field', key: 't1', change: { title: 'Task t1' } } })
    expect(same.past).toHaveLength(0)
  })
})

describe('the keys of tasks', () => {
  const through = (...edits: AnyEdit[]) =>
    edits.reduce((history, edit) => advance(history, { kind: 'edit', edit }), startHistory(chain()))
  const former = ({ present, names, stored }: PlanHistory) => formerKeys(present, names, stored)

  it('P5 are never those of a task that was removed or is called differently', () => {
    const removed = through({ kind: 'remove', key: 't3', dependants: 'drop' }, { kind: 'add', after: null })
    expect(removed.present.tasks.map(({ key }) => key)).toEqual(['t1', 't2', 't4'])
    const again = [
      { kind: 'edit', edit: { kind: 'remove', key: 't4', dependants: 'drop' } } as const,
      { kind: 'edit', edit: { kind: 'duplicate_all', keys: ['t1', 't2'] } } as const,
    ].reduce((history, action) => advance(history, action), removed)
    expect(again.present.tasks.map(({ key }) => key)).toEqual(['t1', 't2', 't5', 't6'])
    const renamed = through({ kind: 'rename', key: 't3', to: 'owl' }, { kind: 'remove', key: 't1', dependants: 'drop' })
    expect(advance(renamed, { kind: 'edit', edit: { kind: 'add', after: null } }).select).toEqual(['t4'])
  })

  it('P5 tell what a task was called, through several names, undo and a reload', () => {
    const twice = through({ kind: 'rename', key: 't2', to: 'a' }, { kind: 'rename', key: 'a', to: 'b' })
    expect(former(twice)).toEqual({ b: 't2' })
    expect(former(advance(twice, { kind: 'undo' }))).toEqual({ a: 't2' })
    const resumed = resumeHistory(chain(), { document: twice.present, names: twice.names })
    expect(former(resumed)).toEqual({ b: 't2' })
    const discarded = advance(twice, { kind: 'edit', edit: { kind: 'replace', document: chain() } })
    expect(former(discarded)).toEqual({})
  })

  it('P5 tell when two tasks swap theirs, and when a new task gets the key of one that was removed', () => {
    const swapped = through(
      { kind: 'rename', key: 't1', to: 'x' },
      { kind: 'rename', key: 't2', to: 't1' },
      { kind: 'rename', key: 'x', to: 't2' },
    )
    expect(former(swapped)).toEqual({ t1: 't2', t2: 't1' })
    const taken = through(
      { kind: 'remove', key: 't3', dependants: 'drop' },
      { kind: 'add', after: null },
      { kind: 'rename', key: 't4', to: 't3' },
    )
    expect(former(taken)).toEqual({ t3: null })
  })
})

describe('reading a plan', () => {
  it('P5 shows the difference of two versions by task and field', () => {
    const after = edited(chain(), { kind: 'set_field', key: 't1', change: { tier: 'strong', tools: ['write_file'] } })
    const renamed = edited(after.document, { kind: 'rename', key: 't3', to: 'owl' })
    expect(diffPlans(chain(), renamed.document)).toEqual([
      {
        kind: 'changed',
        key: 't1',
        title: 'Task t1',
        fields: [
          { field: 'tier', before: '', after: 'strong' },
          { field: 'tools', before: '', after: 'write_file' },
        ],
      },
      { kind: 'added', key: 'owl', title: 'Task t3' },
      { kind: 'removed', key: 't3', title: 'Task t3' },
    ])
    expect(diffPlans(chain(), chain())).toEqual([])
  })

  it('U2 knows how deep each task stands, also where tasks form a circle', () => {
    expect([...depths(chain().tasks).values()]).toEqual([0, 1, 2])
    expect([...depths([task('a', 'b'), task('b', 'a')]).values()]).toEqual([0, 0])
  })
})
