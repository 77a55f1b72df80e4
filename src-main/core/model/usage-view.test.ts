import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { storeBench } from '../store/store-bench.ts'
import { createUsageLog } from './usage-log.ts'
import { createUsageView } from './usage-view.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** With `fewCalls` of 0 every sum is made in the thread. `moreTasks`: beside the three calls, one of each of so many tasks. */
async function usageBench(fewCalls?: number, moreTasks = 0) {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { store, project, tasks, dataDir } = storeBench()
  const note = createUsageLog(store)
  const projectId = project()
  const [taskId = 0] = tasks(projectId, [[]])
  const usage = { input: 10, output: 5, cache_write_5m: 1, cache_write_1h: 2, cache_read: 3 }
  const plain = {
    ...{ provider: 'p', model: 'm', profile: 'x', project_id: projectId, task_id: taskId, run_id: 1, step_id: 1 },
    ...{ reservation_id: null, tier: 'fast' as const, attempt: 1, usage, cost_micros: 7, saved_micros: 2 },
    ...{ latency_ms: 1, outcome: 'ok', unconfirmed: false },
  }
  const calls = [
    ['2026-10-31T23:59:59.999Z', {}],
    ['2026-11-01T00:00:00.000Z', { task_id: null, tier: null, cost_micros: 100 }],
    ['2026-11-01T10:00:00.000Z', { task_id: 99, project_id: 98, model: 'other', cost_micros: 3, unconfirmed: true }],
  ] as const
  for (const [at, change] of calls) {
    vi.setSystemTime(new Date(at))
    await store.write((tx) => note(tx, { ...plain, ...change }))
  }
  for (let task_id = 1_000; task_id < 1_000 + moreTasks; task_id += 1) {
    await store.write((tx) => note(tx, { ...plain, task_id }))
  }
  const view = createUsageView(store, dataDir, fewCalls)
  onTestFinished(() => view.close())
  return view
}

test.for([
  ['at once', undefined],
  ['in a thread', 0],
] as const)('B5 sums calls up by day, month, project, model, task and tier, %s', async ([, fewCalls]) => {
  const view = await usageBench(fewCalls)
  const rows = async (by: Parameters<typeof view.summary>[0]): Promise<unknown> => {
    const summary = await view.summary(by)
    if (!summary.ok) throw new Error(summary.error.message)
    const sums = { calls: 3, input_tokens: 48, output_tokens: 15, cost_micros: 110, saved_micros: 6 }
    expect(summary.value.total).toMatchObject(sums)
    return summary.value.rows.map((row) => [row.key, row.label, row.calls, row.cost_micros])
  }
  expect(await rows('day')).toEqual([
    ['2026-11-01', '2026-11-01', 2, 103],
    ['2026-10-31', '2026-10-31', 1, 7],
  ])
  expect(await rows('month')).toEqual([
    ['2026-11', '2026-11', 2, 103],
    ['2026-10', '2026-10', 1, 7],
  ])
  expect(await rows('project')).toEqual([
    ['prj_1', 'A project', 2, 107],
    ['prj_32', 'deleted project', 1, 3],
  ])
  expect(await rows('model')).toEqual([
    ['m', 'm', 2, 107],
    ['other', 'other', 1, 3],
  ])
  expect(await rows('tier')).toEqual([
    ['', 'no tier', 1, 100],
    ['fast', 'fast', 2, 10],
  ])
  expect(await rows('task')).toEqual([
    ['', 'planning and summaries', 1, 100],
    ['tsk_1', 'Task 0', 1, 7],
    ['tsk_33', 'deleted task', 1, 3],
  ])
})

test('B5 sums say how many rows there are, of which they list 500', async () => {
  const view = await usageBench(undefined, 500)
  expect(await view.summary('model')).toMatchObject({ ok: true, value: { row_count: 2, rows: { length: 2 } } })
  expect(await view.summary('task')).toMatchObject({
    ok: true,
    value: { row_count: 503, rows: { length: 500 }, total: { calls: 503 } },
  })
})

test('B5 lists calls newest first, page by page, of all projects or one', async () => {
  const view = await usageBench()
  const first = view.list({ limit: 2 })
  if (!first.ok) throw new Error(first.error.message)
  expect(first.value.items.map((entry) => [entry.id, entry.unconfirmed])).toEqual([
    [3, true],
    [2, false],
  ])
  const second = view.list({ limit: 2, cursor: first.value.next_cursor ?? '' })
  expect(second).toMatchObject({ ok: true, value: { items: [{ id: 1, cache_write_tokens: 3 }], next_cursor: null } })
  expect(view.list({ limit: 9 }, 'prj_32')).toMatchObject({ value: { items: [{ task_id: 'tsk_33' }] } })
  expect(view.list({ limit: 9, cursor: 'x' })).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  expect(await view.summary('day', 'nonsense')).toMatchObject({ ok: false, error: { code: 'not_found' } })
})

test('B5 sums that are asked for together are each made, and refused once Baton ends', async () => {
  const view = await usageBench(0)
  const total = async () => {
    const summary = await view.summary('month')
    return summary.ok ? summary.value.total.calls : summary.error.message
  }
  expect(await Promise.all([total(), total()])).toEqual([3, 3])
  await view.close()
  expect(await total()).toMatch(/could not be made: Baton is stopping/)
})

test('D4 B5 after an I/O error the file is read anew from the disk, though the thread for sums had it open', async () => {
  const { store, dataDir } = storeBench()
  const view = createUsageView(store, dataDir, -1)
  onTestFinished(() => view.close())
  const note = (name: string) =>
    store.write((tx) => void tx.sqlite.prepare("INSERT INTO meta VALUES (?, '')").run(`note ${name}`))
  const notes = () =>
    store.sqlite.prepare<[], string>("SELECT key FROM meta WHERE key LIKE 'note %' ORDER BY key").pluck().all()
  await note('that is in the database')
  store.sqlite.pragma('wal_checkpoint(TRUNCATE)')
  await note('that the disk lost')
  expect(await view.summary('day')).toMatchObject({ ok: true })
  truncateSync(join(dataDir, 'baton.db-wal'), 0)
  store.report(new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_READ'))
  expect(store.trouble()?.kind).toBe('io')
  // Reading goes on meanwhile.
  expect(await view.summary('day')).toMatchObject({ ok: true })
  await vi.waitFor(() => expect(store.trouble()).toBeNull(), { timeout: 30_000 })
  expect(notes()).toEqual(['note that is in the database'])
  await note('that came afterwards')
  expect(notes()).toHaveLength(2)
  expect(await view.summary('day')).toMatchObject({ ok: true })
  expect(store.sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
}, 60_000)
