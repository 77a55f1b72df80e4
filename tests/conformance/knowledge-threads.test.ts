import { copyFileSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { createCore } from '../../src-main/core/create-core.ts'
import type { IndexOperations } from '../../src-main/core/knowledge/index-operations.ts'
import { createQuestionThread } from '../../src-main/core/thread/question-thread.ts'
import { createBaton } from '../support/baton-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { find, folderOf, untilRead } from '../support/knowledge-bench.ts'
import { makePdfBomb } from '../support/make-pdf.ts'

const PROGRAM = new URL('../../src-main/core/knowledge/knowledge-index-worker.ts', import.meta.url)

function indexThread(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = folderOf(files)
  const thread = createQuestionThread<IndexOperations>(PROGRAM, { data_dir: folderOf({}) }, 512)
  cleanup(() => thread.close())
  const source = { source_id: 1, scope: 0, root, only: null, called: null }
  const read = (path: string, options = {}) =>
    thread.ask('read', { source, file: { path, bytes: 1, modified_ms: 1 } }, options)
  const changed = async () => {
    const scanned = must(await thread.ask('scan', source))
    return scanned.ok ? scanned.changed.map(({ path }) => path) : []
  }
  return { thread, read, changed }
}

test('K1 a PDF that unpacks without end is ended by its deadline, and the thread goes on with the next file', async () => {
  const bomb = makePdfBomb(200)
  expect(bomb.length).toBeLessThan(2_000_000)
  const { read, changed } = indexThread({ 'bomb.pdf': bomb, 'after.txt': 'still here' })
  expect(await read('bomb.pdf', { deadline_ms: 1_500 })).toMatchObject({ ok: false, error: { kind: 'out_of_time' } })
  expect(await read('after.txt')).toMatchObject({ ok: true })
  expect(await changed()).toEqual(['after.txt', 'bomb.pdf'])
}, 120_000)

test('K1 a PDF that takes too much memory is ended by its bound', async () => {
  const { read } = indexThread({ 'bomb.pdf': makePdfBomb(200), 'after.txt': 'still here' })
  const ended = await read('bomb.pdf', { memory_bytes: 64 * 1_048_576 })
  expect(ended).toMatchObject({ ok: false, error: { kind: 'out_of_memory' } })
  expect(await read('after.txt')).toMatchObject({ ok: true })
}, 120_000)

test('K1 cancelling ends the work at once, and nothing of the file is there', async () => {
  const { thread, read, changed } = indexThread({ 'bomb.pdf': makePdfBomb(200), 'other.txt': 'other' })
  const cancel = new AbortController()
  const asked = read('bomb.pdf', { signal: cancel.signal })
  const behind = read('other.txt')
  cancel.abort()
  expect(await asked).toMatchObject({ ok: false, error: { kind: 'cancelled' } })
  expect(await behind).toMatchObject({ ok: true })
  expect(await changed()).toContain('bomb.pdf')
  await thread.close()
  expect(await read('other.txt')).toMatchObject({ ok: false, error: { kind: 'cancelled' } })
}, 120_000)

test('K1 D4 knowledge that could not be opened once can be searched when it can', async () => {
  const bench = await coreBench()
  const inTheWay = join(bench.data_dir, 'knowledge.db')
  mkdirSync(inTheWay)
  expect(await bench.core.knowledge.status()).toMatchObject({ ok: false, error: { code: 'unavailable' } })
  rmdirSync(inTheWay)
  expect(await bench.core.knowledge.status()).toMatchObject({ ok: true, value: { files: 0 } })
})

test('K1 E5 killed in the middle of an import, each document is there whole or not at all, and the next start goes on', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [
      `${index}.md`,
      `# Note ${index}\n\n${`The word of this note is w${index}w. `.repeat(150)}\n`,
    ]),
  )
  const folder = folderOf(files)
  const baton = createBaton()
  cleanup(() => baton.close())
  const path = join(baton.data_dir, 'knowledge.db')
  const adding = baton.start(['knowledge', 'add', folder])
  const count = (file: string): number => {
    const database = new Database(file, { readonly: true })
    try {
      return database.prepare<[], number>('SELECT count(*) FROM document').pluck().get() ?? 0
    } finally {
      database.close()
    }
  }
  await eventually('some of it to be read', () => {
    try {
      return count(path) >= 20
    } catch {
      // Not made yet.
      return false
    }
  })
  await adding.kill()

  // A copy, so that looking does not tidy up what the dead process left.
  const copy = join(folderOf({}), 'knowledge.db')
  copyFileSync(path, copy)
  copyFileSync(`${path}-wal`, `${copy}-wal`)
  const database = new Database(copy)
  const rows = database
    .prepare<[], { characters: number; found: number; files: number }>(
      `SELECT d.characters, (SELECT sum(length(text)) FROM chunk WHERE document_id = d.id) AS found,
         (SELECT count(*) FROM file WHERE document_id = d.id) AS files FROM document d`,
    )
    .all()
  database.close()
  expect(rows.length).toBeGreaterThanOrEqual(20)
  expect(rows.length).toBeLessThan(400)
  for (const { characters, found, files: owners } of rows) expect([found, owners]).toEqual([characters, 1])

  const opened = must(
    await createCore({ data_dir: baton.data_dir, version: '0', demo: false, ollama_host: '127.0.0.1:1' }),
  )
  cleanup(() => opened.close(0))
  opened.execute('all')
  const [source] = must(await opened.knowledge.list({ limit: 10 })).items
  expect(await untilRead(opened, source?.id ?? '')).toMatchObject({ files: 400, problems: 0 })
  for (const index of [0, 199, 399]) {
    const { items } = await find(opened, `w${index}w`, { limit: 50 })
    expect(new Set(items.map(({ citation }) => citation.path))).toEqual(new Set([`${index}.md`]))
  }
}, 120_000)
