import { afterEach, expect, test, vi } from 'vitest'
import { coreBench } from '../core-bench.ts'
import { openStore } from '../store/store.ts'
import { storeBench, temporaryFolder } from '../store/store-bench.ts'
import { createMoveProject } from './project-changes.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('P4 a project’s working time is that of its executing, without pauses and waits', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  const { store, events, project } = storeBench()
  const move = createMoveProject(store, events)
  const id = project({ state: 'awaiting_approval' })
  const clock = store.sqlite.prepare<[number], { worked_ms: number; working_since: number | null }>(
    'SELECT worked_ms, working_since FROM project WHERE id = ?',
  )
  const after = async (
    ms: number,
    ...to: Parameters<typeof move> extends [unknown, unknown, ...infer Rest] ? Rest : never
  ) => {
    vi.setSystemTime(Date.now() + ms)
    await store.write((tx) => move(tx, id, ...to))
    return clock.get(id)
  }
  expect(await after(500, 'executing', '')).toEqual({ worked_ms: 0, working_since: 1_000_500 })
  expect(await after(40, 'waiting', 'no money')).toEqual({ worked_ms: 40, working_since: null })
  expect(await after(9_000, 'waiting', 'no model')).toEqual({ worked_ms: 40, working_since: null })
  expect(await after(9_000, 'executing', '')).toEqual({ worked_ms: 40, working_since: 1_018_540 })
  // A clock that is set back takes nothing off.
  expect(await after(-5_000, 'paused', '')).toEqual({ worked_ms: 40, working_since: null })
  await after(9_000, 'executing', '')
  expect(await after(2, 'succeeded', '')).toEqual({ worked_ms: 42, working_since: null })
})

test('P4 E4 what begins while everything is paused is not worked at yet', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  const { store, events, project } = storeBench()
  const move = createMoveProject(store, events)
  const id = project({ state: 'awaiting_approval' })
  store.sqlite.prepare("INSERT INTO setting (key, value, updated_at) VALUES ('paused', 'true', 0)").run()
  await store.write((tx) => move(tx, id, 'executing', ''))
  vi.setSystemTime(Date.now() + 5_000)
  await store.write((tx) => move(tx, id, 'paused', ''))
  expect(store.sqlite.prepare('SELECT worked_ms, working_since FROM project WHERE id = ?').get(id)).toEqual({
    worked_ms: 0,
    working_since: null,
  })
})

test('P4 the time in which no Baton lived is no working time: it ends with the last event before', async () => {
  const dataDir = temporaryFolder()
  const dead = storeBench(dataDir)
  const id = dead.project({ state: 'executing' })
  dead.store.sqlite.prepare('UPDATE project SET worked_ms = 7, working_since = 1000 WHERE id = ?').run(id)
  dead.store.sqlite.prepare("INSERT INTO event (ts, type, data) VALUES (1_300, 'executor.paused', '{}')").run()
  dead.store.close()
  const began = Date.now()
  const { core } = await coreBench({ data_dir: dataDir })
  await core.close(0)
  const opened = openStore(dataDir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const row = opened.value.sqlite
    .prepare<[number], { worked_ms: number; working_since: number }>(
      'SELECT worked_ms, working_since FROM project WHERE id = ?',
    )
    .get(id)
  opened.value.close()
  expect(row?.worked_ms).toBe(307)
  expect(row?.working_since).toBeGreaterThanOrEqual(began)
})
