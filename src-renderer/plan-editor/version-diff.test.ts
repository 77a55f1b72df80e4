import { describe, expect, it } from 'vitest'
import { type PlanDocument, planDocument } from '#contract/plan.ts'
import { comparePlans } from './version-diff.ts'

const task = (key: string, more: object = {}) => ({
  ...{ key, title: `Task ${key}`, type: 'writing', complexity: 'simple' },
  ...more,
})

const planOf = (...tasks: object[]): PlanDocument => planDocument.parse({ title: 'Plan', tasks })

describe('the difference of two versions', () => {
  it('P5 names what was added, removed and changed, field by field and entry by entry', () => {
    const before = planOf(task('a'), task('b', { depends_on: ['a'], tools: ['x', 'y'] }), task('c'))
    const after = planOf(task('a'), task('b', { tier: 'fast', tools: ['y', 'z'] }), task('d', { depends_on: ['a'] }))
    expect(comparePlans(before, after)).toMatchObject({
      tasks: [
        {
          ...{ kind: 'changed', key: 'b' },
          fields: [
            { field: 'tier', kind: 'text', before: '', after: 'fast' },
            {
              ...{ field: 'tools', kind: 'list' },
              entries: [
                { value: 'x', in: 'before' },
                { value: 'y', in: 'both' },
                { value: 'z', in: 'after' },
              ],
            },
            { field: 'depends_on', kind: 'list', entries: [{ value: 'a', in: 'before' }] },
          ],
        },
        { kind: 'removed', key: 'c' },
        { kind: 'added', key: 'd' },
      ],
      ...{ title: null, summary: null, same: 1, isReordered: false },
      dependencies: { added: 1, removed: 1 },
    })
  })

  it('P5 tells another order, title and summary, and nothing where nothing differs', () => {
    const before = planOf(task('a'), task('b'))
    const after = { ...planOf(task('b'), task('a')), title: 'Another', summary: 'More' }
    expect(comparePlans(before, after)).toMatchObject({
      title: { before: 'Plan', after: 'Another' },
      summary: { before: '', after: 'More' },
      ...{ tasks: [], same: 2, isReordered: true },
    })
    expect(comparePlans(before, before)).toMatchObject({ title: null, summary: null, tasks: [], isReordered: false })
  })

  it('P5 puts a removed task where it stood', () => {
    const keys = comparePlans(planOf(task('a'), task('b'), task('c')), planOf(task('x'), task('c'))).tasks
    expect(keys.map(({ key, kind }) => `${key} ${kind}`)).toEqual(['a removed', 'b removed', 'x added'])
  })
})
