import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { addPath, find, folderOf } from '../support/knowledge-bench.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs')

test('K1 K3 a folder is imported, and a fact is found at the line where it stands', async () => {
  const { core } = await coreBench()
  const source = await addPath(core, { path: docs })
  expect(source).toMatchObject({ state: 'ready', kind: 'folder', name: 'docs' })
  // Pictures are there too, in which nothing can be searched.
  expect(source.problems).toBe(readdirSync(join(docs, 'screenshots')).length)
  expect(source.files).toBeGreaterThan(30)
  const { items, mode, note } = await find(
    core,
    'Why does a restore need the folder alone, and what does restore.json decide?',
  )
  expect(mode).toBe('keywords')
  expect(note).toMatch(/^Searched by keywords alone\./)
  const [first] = items
  expect(first?.citation.title).toBe('docs/decisions/0008-what-a-backup-holds.md')
  const file = readFileSync(join(docs, first?.citation.path ?? ''), 'utf8')
  const { line_start, line_end, start, end } = first?.citation ?? { line_start: 0, line_end: 0, start: 0, end: 0 }
  expect(
    file
      .split('\n')
      .slice(line_start - 1, line_end)
      .join('\n'),
  ).toContain('restore.json')
  expect(file.slice(start, end)).toBe(first?.text)
  const read = must(await core.knowledge.text(first?.citation.document_id ?? '', start))
  expect(read.parts.map((part) => part.text).join('')).toBe(file)
})

test('K2 D4 a damaged knowledge.db keeps nothing else from working, says what to do, and is made again when it is gone', async () => {
  const bench = await coreBench()
  const source = await addPath(bench.core, { path: folderOf({ 'tide.md': 'The spring tide comes at noon.' }) })
  await bench.close()
  const path = join(bench.data_dir, 'knowledge.db')
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  writeFileSync(path, 'This is no database. '.repeat(500))
  await bench.reopen()
  const query = { query: 'spring tide', limit: 5, mode: 'hybrid' as const }
  const refused = await bench.core.knowledge.search(query)
  expect(refused).toMatchObject({
    ok: false,
    error: { code: 'unavailable', message: expect.stringContaining('delete it') },
  })
  expect(must(await bench.core.knowledge.list({ limit: 5 })).items.map(({ id }) => id)).toEqual([source.id])
  expect(bench.core.projects.list({ limit: 5 }).items).toEqual([])
  await bench.close()
  rmSync(path)
  await bench.reopen()
  await eventually('its text', async () => must(await bench.core.knowledge.search(query)).items.length === 1)
})
