import { expect, test } from 'vitest'
import { storeBench } from '../store/store-bench.ts'
import { createTaskChanges } from './task-changes.ts'

test('E10 a success that is taken back blocks what waits for it, and serves it again when it is repeated', async () => {
  const { store, events, project, tasks } = storeBench()
  const changes = createTaskChanges(store, events)
  // b and c need a; d needs both; e needs another task that stays done.
  const [a = 0, b = 0, c = 0, d = 0, other = 0, e = 0] = tasks(project({ state: 'executing' }), [
    ...[[], [0], [0], [1, 2]],
    ...[[], [4]],
  ])
  const all = [a, b, c, d, other, e]
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM task WHERE id = ?').pluck()
  const states = (): (string | undefined)[] => all.map((id) => state.get(id))
  const end = (ids: number[]): Promise<unknown> =>
    store.write((tx) => {
      changes.toRunning(tx, ids)
      return changes.end(tx, ids, 'succeeded', '')
    })
  await end([a, other])
  await store.write((tx) => {
    changes.toRunning(tx, [c])
    changes.toWaiting(tx, [c], { waiting_on: 'retry', reason: 'later', resumes_at: 1 })
  })
  expect(states()).toEqual(['succeeded', 'ready', 'waiting', 'pending', 'succeeded', 'ready'])

  await store.write((tx) => changes.takeBack(tx, [a], 'Undone by you.'))
  expect(states()).toEqual(['cancelled', 'blocked', 'blocked', 'blocked', 'succeeded', 'ready'])
  // Nothing is left to take back.
  await store.write((tx) => changes.takeBack(tx, [a, b], 'Undone by you.'))
  expect(states()).toEqual(['cancelled', 'blocked', 'blocked', 'blocked', 'succeeded', 'ready'])

  await store.write((tx) => changes.reopen(tx, a))
  expect(states()).toEqual(['ready', 'pending', 'pending', 'pending', 'succeeded', 'ready'])
  await end([a])
  expect(states()).toEqual(['succeeded', 'ready', 'ready', 'pending', 'succeeded', 'ready'])
  await end([b, c])
  expect(state.get(d)).toBe('ready')
})

test('E10 dependants that have run stay when what they built on is taken back, and count it once when it is repeated', async () => {
  const { store, events, project, tasks } = storeBench()
  const changes = createTaskChanges(store, events)
  const [a = 0, b = 0] = tasks(project({ state: 'executing' }), [[], [0]])
  const row = store.sqlite.prepare<[number], { state: string; unmet_dependencies: number }>(
    'SELECT state, unmet_dependencies FROM task WHERE id = ?',
  )
  for (const id of [a, b]) {
    await store.write((tx) => {
      changes.toRunning(tx, [id])
      changes.end(tx, [id], 'succeeded', '')
    })
  }
  await store.write((tx) => changes.takeBack(tx, [a], 'Undone by you.'))
  expect(row.get(b)).toEqual({ state: 'succeeded', unmet_dependencies: 1 })
  await store.write((tx) => changes.end(tx, [a], 'skipped', ''))
  expect(row.get(b)).toEqual({ state: 'succeeded', unmet_dependencies: 0 })
})
