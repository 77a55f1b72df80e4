import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'
import { task as taskTable } from './schema.ts'
import { storeBench } from './store-bench.ts'

const TABLES = ['project', 'plan', 'task', 'run', 'meta', 'lease'] as const

function bench() {
  const made = storeBench()
  const { store, project, tasks } = made
  const project_id = project()
  const [task_id = 0] = tasks(project_id, [[], []])
  /** Of which tables `change` may have changed something. */
  function changed(change: () => void): string[] {
    const before = TABLES.map(store.changesOf)
    change()
    return TABLES.filter((table, index) => store.changesOf(table) !== before[index])
  }
  return { ...made, project_id, task_id, changed }
}

test('A6 counts a change for the table that a statement changes, however it is written', () => {
  const { store, task_id, changed } = bench()
  const { sqlite, orm } = store
  const run = (sql: string) => changed(() => void sqlite.prepare(sql).run())
  expect(run(`UPDATE task SET reason = 'x' WHERE id = ${task_id}`)).toEqual(['task'])
  expect(run(`\n  update "task" set reason = 'y'`)).toEqual(['task'])
  expect(run("UPDATE OR IGNORE task SET reason = 'z'")).toEqual(['task'])
  expect(run("INSERT INTO meta VALUES ('a', '1') ON CONFLICT (key) DO UPDATE SET value = '2'")).toEqual(['meta'])
  expect(run("INSERT OR IGNORE INTO meta VALUES ('a', '1') ON CONFLICT DO UPDATE SET value = '2'")).toEqual(['meta'])
  expect(
    run("WITH one AS (SELECT id FROM run)\nUPDATE task SET reason = 'w' WHERE run_id IN (SELECT id FROM one)"),
  ).toEqual(['task'])
  expect(run("DELETE FROM meta WHERE key = 'a'")).toEqual(['meta'])
  expect(changed(() => orm.update(taskTable).set({ reason: 'v' }).where(eq(taskTable.id, task_id)).run())).toEqual([
    'task',
  ])
})

test('A6 counts a change that gives rows back, in each way of asking for them', () => {
  const { store, changed } = bench()
  const change = store.sqlite.prepare("UPDATE task SET reason = reason || '.' RETURNING reason")
  expect(changed(() => void change.get())).toEqual(['task'])
  expect(changed(() => void change.all())).toEqual(['task'])
  expect(changed(() => void [...change.iterate()])).toEqual(['task'])
  expect(changed(() => void change.pluck().all())).toEqual(['task'])
  const question = store.sqlite.prepare('SELECT reason FROM task')
  expect(changed(() => [question.get(), question.all(), ...question.iterate()])).toEqual([])
})

test('A6 counts a change for all tables where one takes rows of others with it, or nobody can tell', () => {
  const { store, project_id, changed } = bench()
  const { sqlite } = store
  const all = [...TABLES]
  expect(changed(() => sqlite.exec("INSERT INTO meta VALUES ('b', '1')"))).toEqual(all)
  expect(changed(() => void sqlite.prepare("INSERT OR REPLACE INTO meta VALUES ('b', '2')").run())).toEqual(all)
  expect(changed(() => void sqlite.prepare("REPLACE INTO meta VALUES ('b', '3')").run())).toEqual(all)
  expect(changed(() => void sqlite.prepare('CREATE TABLE later (x)').run())).toEqual(all)
  expect(changed(() => void sqlite.prepare('INSERT INTO later VALUES (1)').run())).toEqual(all)
  expect(changed(() => void sqlite.prepare('DELETE FROM project WHERE id = ?').run(project_id))).toEqual(all)
  expect(sqlite.prepare('SELECT count(*) FROM task').pluck().get()).toBe(0)
})

test('A6 counts nothing for a transaction without a change', async () => {
  const { store, changed } = bench()
  const frames = changed(() => {
    for (const frame of ['BEGIN IMMEDIATE', 'SAVEPOINT one', 'RELEASE one', 'ROLLBACK'])
      store.sqlite.prepare(frame).run()
  })
  expect(frames).toEqual([])
})

test('A6 what is remembered of a table is asked again once that has changed, and a change that is undone leaves nothing', async () => {
  const { store, task_id } = bench()
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM task WHERE id = ?').pluck()
  let asked = 0
  const stateOf = remembered(store, ['task'], (id) => {
    asked += 1
    return state.get(id)
  })
  const set = store.sqlite.prepare('UPDATE task SET state = ? WHERE id = ?')
  expect([stateOf(task_id), stateOf(task_id), asked]).toEqual(['ready', 'ready', 1])
  expect([stateOf(-1), stateOf(-1), asked]).toEqual([undefined, undefined, 2])

  await store.write((tx) => void tx.sqlite.prepare("INSERT INTO meta VALUES ('c', '1')").run())
  expect([stateOf(task_id), asked]).toEqual(['ready', 2])

  await store.write(() => {
    set.run('running', task_id)
    expect(stateOf(task_id)).toBe('running')
  })
  expect(stateOf(task_id)).toBe('running')

  const undone = store.write(() => {
    set.run('failed', task_id)
    expect(stateOf(task_id)).toBe('failed')
    throw new Error('a bug')
  })
  await expect(undone).rejects.toThrow('a bug')
  expect(stateOf(task_id)).toBe('running')
})
