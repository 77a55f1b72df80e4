import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { newProject } from '../../src-contract/project.ts'
import { coreBench, must } from '../support/core-bench.ts'

test('E5 P1 a project whose attached files a dead core did not keep is taken back, and a whole one stays', async () => {
  const bench = await coreBench()
  const attachments = [{ name: 'notes.txt', text: 'gulls' }]
  const whole = must(await bench.core.projects.create(newProject.parse({ requirements: 'Whole', attachments })))
  const half = must(await bench.core.projects.create(newProject.parse({ requirements: 'Half' })))
  await bench.close()
  // As a core leaves it that dies right after the commit of the project's row.
  const db = new Database(join(bench.data_dir, 'baton.db'))
  const key = db.prepare<[string], number>('SELECT id FROM project WHERE name = ?').pluck().get('Half')
  db.prepare("INSERT INTO meta (key, value) VALUES ('making_project:' || ?, '')").run(key)
  db.close()
  mkdirSync(join(half.workspace, 'inputs'), { recursive: true })

  await bench.reopen()
  expect(bench.core.projects.list({ limit: 10 }).items.map(({ name }) => name)).toEqual(['Whole'])
  expect(existsSync(half.workspace)).toBe(false)
  expect(existsSync(join(whole.workspace, 'inputs', 'notes.txt'))).toBe(true)
  await bench.reopen()
  expect(bench.core.projects.list({ limit: 10 }).items).toHaveLength(1)
})
