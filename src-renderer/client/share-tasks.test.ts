import { describe, expect, it } from 'vitest'
import type { Task } from '#contract/task.ts'
import { shareTasks } from './share-tasks.ts'

const task = (id: string, state: Task['state'], depends_on: string[] = []) =>
  ({ id, state, depends_on }) as unknown as Task

describe('a list of tasks that was read again', () => {
  it('U5 keeps the objects of tasks that are as they were, and the list where all are', () => {
    const before = [task('a', 'running'), task('b', 'pending', ['a'])]
    expect(shareTasks(before, [task('a', 'running'), task('b', 'pending', ['a'])])).toBe(before)
    const after = shareTasks(before, [task('a', 'succeeded'), task('b', 'pending', ['a'])])
    expect(after).toEqual([task('a', 'succeeded'), task('b', 'pending', ['a'])])
    expect(after[1]).toBe(before[1])
  })

  it('U5 shows what the newer list says where tasks came, went or moved', () => {
    const before = [task('a', 'running'), task('b', 'pending', ['a'])]
    for (const after of [[], [task('b', 'ready')], [...before, task('c', 'pending')], [...before].reverse()]) {
      expect(shareTasks(before, after)).toEqual(after)
    }
    expect(shareTasks(undefined, before)).toBe(before)
  })
})
