import { expect, test } from 'vitest'
import type { StoredEvent } from '#contract/event.ts'
import type { Task } from '#contract/task.ts'
import { createEventEffects, patchTasks } from './event-effects.ts'
import { keys, nameOf } from './keys.ts'

function ofTask(seq: number) {
  const ids = { project_id: 'prj_1', task_id: 'tsk_1', run_id: null }
  return { v: 1, id: `1-${seq}`, seq, ts: '2026-11-20T10:00:00.000Z', ...ids } as const
}

function taskState(seq: number, state: 'ready' | 'running' | 'waiting', reason = ''): StoredEvent {
  const data = { state, waiting_on: state === 'waiting' ? ('budget' as const) : null, reason }
  return { ...ofTask(seq), type: 'task.state', data }
}

test('U5 makes one patch and one refresh per key of a thousand events', () => {
  const effects = createEventEffects()
  for (let seq = 0; seq < 1_000; seq += 1) effects.add(taskState(seq, seq % 2 === 0 ? 'ready' : 'running'))
  effects.add(taskState(1_000, 'waiting', 'The day has no money left.'))
  const { taskPatches, staleTasks, stale } = effects.take()
  expect(taskPatches.get('prj_1')?.size).toBe(1)
  expect(taskPatches.get('prj_1')?.get('tsk_1')).toEqual({
    state: 'waiting',
    waiting_on: 'budget',
    reason: 'The day has no money left.',
  })
  expect(staleTasks).toEqual(new Map([['prj_1', new Set(['tsk_1'])]]))
  expect(stale).toContain(nameOf(keys.status))
  expect(effects.take()).toEqual({ taskPatches: new Map(), staleTasks: new Map(), stale: new Set() })
})

test('U1 E4 the strip is asked for again when a task is paused, which takes it out of the queue, and not when it is edited', () => {
  const effects = createEventEffects()
  effects.add({ ...ofTask(1), type: 'task.changed', data: { fields: ['title'] } })
  expect(effects.take().stale).not.toContain(nameOf(keys.status))
  effects.add({ ...ofTask(2), type: 'task.changed', data: { fields: ['held'] } })
  expect(effects.take().stale).toContain(nameOf(keys.status))
})

test('U5 leaves tasks alone that no event names, so that nothing is drawn again', () => {
  const tasks = [
    { id: 'tsk_1', state: 'ready' },
    { id: 'tsk_2', state: 'ready' },
  ] as Task[]
  expect(patchTasks(tasks, new Map([['tsk_9', { state: 'failed' }]]))).toBe(tasks)
  const patched = patchTasks(tasks, new Map([['tsk_2', { state: 'running' }]]))
  expect(patched[0]).toBe(tasks[0])
  expect(patched[1]?.state).toBe('running')
})
