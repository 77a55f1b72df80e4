import { describe, expect, it } from 'vitest'
import type { Task } from '#contract/task.ts'
import { shareTasks } from './share-tasks.ts'

const task = (id: string, state: Task['state'], depends_on: string[] = []) =>
  ({ id, state, depends_on }) as unknown as Task

const same = (task: Task) => task

describe('a list of tasks that was read again', () => {
  it('U5 keeps the objects of tasks that are as they were, and the list where all are', () => {
    const before = [task('a', 'running'), task('b', 'pending', ['a'])]
    expect(shareTasks(before, [task('a', 'running'), task('b', 'pending', ['a'])], same)).toBe(before)
    const after = shareTasks(before, [task('a', 'succeeded'), task('b', 'pending', ['a'])], same)
    expect(after).toEqual([task('a', 'succeeded'), task('b', 'pending', ['a'])])
    expect(after[1]).toBe(before[1])
  })

  it('U5 shows what the newer list says where tasks came, went or moved', () => {
    const before = [task('a', 'running'), task('b', 'pending', ['a'])]
    for (const after of [[], [task('b', 'ready')], [...before, task('c', 'pending')], [...before].reverse()]) {
      expect(shareTasks(before, after, same)).toEqual(after)
    }
    expect(shareTasks(undefined, before, same)).toEqual(before)
  })

  it('U5 makes only those readable that have changed', () => {
    const made: string[] = []
    const readable = (given: Task) => {
      made.push(given.id)
      return { ...given, reason: 'at 10:00' }
    }
    const before = shareTasks(undefined, [task('a', 'waiting'), task('b', 'pending')], readable)
    expect(made.splice(0)).toEqual(['a', 'b'])
    const [first] = before
    const after = shareTasks(before, first === undefined ? [] : [first, task('b', 'waiting')], readable)
    expect(made).toEqual(['b'])
    expect(after).toEqual([
      { ...task('a', 'waiting'), reason: 'at 10:00' },
      { ...task('b', 'waiting'), reason: 'at 10:00' },
    ])
  })
})
