import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { listMigrations, migrate } from '#core/store/migrate.ts'
import { temporaryFolder } from '#core/store/store-bench.ts'
import { coreBench } from '../support/core-bench.ts'

const LISTS = ['tools', 'acceptance', 'write_scope', 'hosts', 'artifacts'] as const

function listsIn(path: string): unknown[] {
  const sqlite = new Database(path, { readonly: true })
  try {
    return sqlite.prepare(`SELECT ${LISTS.join(', ')} FROM task ORDER BY id`).all()
  } finally {
    sqlite.close()
  }
}

test('E1 a list without members takes no room in the row of a task, and is one again when it is read', async () => {
  const bench = await coreBench({ demo: true })
  const full = { tools: ['read_file'], acceptance: ['It is "kind"'], write_scope: ['src/'], artifacts: ['a.md'] }
  const { id } = await bench.start([
    { key: 'bare', artifacts: [] },
    { key: 'full', ...full, hosts: ['example.org'] },
  ])
  expect(listsIn(join(bench.data_dir, 'baton.db'))).toEqual([
    { tools: '', acceptance: '', write_scope: '', hosts: '', artifacts: '' },
    {
      tools: '["read_file"]',
      acceptance: '["It is \\"kind\\""]',
      write_scope: '["src/"]',
      hosts: '["example.org"]',
      artifacts: '["a.md"]',
    },
  ])
  expect(bench.task(id, 'bare')).toMatchObject({ acceptance: [], artifacts: [] })
  expect(bench.task(id, 'full')).toMatchObject({ acceptance: full.acceptance, artifacts: full.artifacts })
})

test('D2 the lists of tasks that an older Baton made are kept, and the empty ones take no room any more', () => {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'baton.db')
  const sqlite = new Database(path)
  onTestFinished(() => {
    sqlite.close()
  })
  const all = listMigrations()
  const own = all.findIndex(({ name }) => name === '0036-empty-lists.sql')
  expect(own).toBeGreaterThan(0)
  expect(migrate(sqlite, folder, all.slice(0, own)).ok).toBe(true)
  sqlite.exec(`
    INSERT INTO project (id, name, requirements, owner, state, created_at, updated_at) VALUES (1, 'p', '', 'local', 'paused', 1, 1);
    INSERT INTO plan (id, project_id, version, state, source, document, repairs, created_at) VALUES (1, 1, 1, 'approved', 'user', '{}', '[]', 1);
    INSERT INTO task (project_id, plan_id, key, position, title, description, type, complexity, tools, acceptance, write_scope,
      artifacts, priority, state, unmet_dependencies, created_at)
    VALUES (1, 1, 'bare', 0, '', '', 'writing', 'simple', '[]', '[]', '[]', '[]', 1, 'ready', 0, 1),
      (1, 1, 'full', 1, '', '', 'writing', 'simple', '["a"]', '["[]"]', '["[]"]', '["d"]', 1, 'ready', 0, 1);`)
  expect(migrate(sqlite, folder, all).ok).toBe(true)
  expect(listsIn(path)).toEqual([
    { tools: '', acceptance: '', write_scope: '', hosts: '', artifacts: '' },
    { tools: '["a"]', acceptance: '["[]"]', write_scope: '["[]"]', hosts: '', artifacts: '["d"]' },
  ])
})
