import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { project as projectSchema } from '../../src-contract/project.ts'
import { IMPORT_FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { withRows } from '../support/archive.ts'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { filesBelow } from '../support/markdown-folder.ts'
import { type ServedCore, serveCore } from './served-core.ts'

const RUN = ['run', 'Write a short report about gulls', '--yes', '--profile', 'demo', '--json']
const exportLine = z.object({ project_id: z.string(), path: z.string(), bytes: z.number() })

/** A finished project, exported by the command line, and what its workspace holds. */
let folder: string
let archive: string
let files: Record<string, string>
const bats: Baton[] = []

function baton(): Baton {
  const made = createBaton()
  bats.push(made)
  return made
}

const contents = (root: string): Record<string, string> =>
  Object.fromEntries(filesBelow(root).map((path) => [path, readFileSync(join(root, path), 'utf8')]))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-archive-'))
  const cli = createBaton()
  try {
    const end = await cli.run(RUN)
    expect(end.code, end.stderr).toBe(0)
    files = contents(resultOf(end).workspace)
    const made = await cli.run(['export', 'prj_1', '--out', folder, '--json'])
    expect(made.code, made.stderr).toBe(0)
    archive = exportLine.parse(JSON.parse(made.stdout)).path
  } finally {
    await cli.close()
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(async () => {
  for (const made of bats.splice(0)) await made.close()
})

const namesIn = (path: string): string[] => (existsSync(path) ? readdirSync(path).toSorted() : [])

/** The rows decide: before the commit nothing of the import may be left, after it all of it must be there. */
const COMMITTED = ['import-committed', 'import-history-placed', 'import-placed', 'import-events-written']

test.each(IMPORT_FAILPOINTS)('D3 an import killed at %s leaves nothing, or all', async (failpoint) => {
  const cli = baton()
  const killed = await cli.run(['import', archive], { env: { BATON_FAILPOINTS: failpoint } })
  expect(killed.signal).toBe('SIGKILL')
  const looked = await cli.run(['projects', '--json'])
  expect(looked.code, looked.stderr).toBe(0)
  const isThere = COMMITTED.includes(failpoint)
  expect(namesIn(join(cli.data_dir, 'imports'))).toEqual([])
  expect(namesIn(join(cli.data_dir, 'workspaces'))).toEqual(isThere ? ['prj_1'] : [])
  expect(namesIn(join(cli.data_dir, 'git'))).toEqual(isThere ? ['prj_1.git'] : [])
  expect(readBooks(cli.data_dir).projects).toEqual(isThere ? [{ id: 1, state: 'succeeded' }] : [])
  if (isThere) expect(contents(join(cli.data_dir, 'workspaces', 'prj_1'))).toEqual(files)
  // And what was killed can be done again.
  const again = await cli.run(['import', archive, '--json'])
  expect(again.code, again.stderr).toBe(0)
  expect(contents(projectSchema.parse(JSON.parse(again.stdout)).workspace)).toEqual(files)
})

test('D3 a core that is killed while it ends an interrupted import ends it at the next start', async () => {
  const cli = baton()
  await cli.run(['import', archive], { env: { BATON_FAILPOINTS: 'import-committed' } })
  const killed = await cli.run(['projects'], { env: { BATON_FAILPOINTS: 'import-history-placed' } })
  expect(killed.signal).toBe('SIGKILL')
  expect((await cli.run(['projects'])).code).toBe(0)
  expect(contents(join(cli.data_dir, 'workspaces', 'prj_1'))).toEqual(files)
  expect(namesIn(join(cli.data_dir, 'imports'))).toEqual([])
})

/** The exported project with a long past; its own events, again and again. */
async function longPast(events: number): Promise<Buffer> {
  return withRows(readFileSync(archive), 'event', (rows) =>
    Array.from({ length: events }, (_, index) => ({ ...rows[index % rows.length], seq: index + 1 })),
  )
}

/** Of each project, its events: how many there are, and how often each kind of them. */
function eventsIn(dataDir: string): { readonly type: string; readonly count: number }[] {
  const database = new Database(join(dataDir, 'baton.db'), { readonly: true })
  try {
    return database
      .prepare<[], { type: string; count: number }>(
        'SELECT type, count(*) AS count FROM event WHERE project_id IS NOT NULL GROUP BY type ORDER BY type',
      )
      .all()
  } finally {
    database.close()
  }
}

test('D3 an import that is killed between two slices of its events has each of them once after the next start', async () => {
  const long = join(folder, 'long.gz')
  writeFileSync(long, await longPast(3_500))
  const whole = baton()
  expect((await whole.run(['import', long])).code).toBe(0)
  const expected = eventsIn(whole.data_dir)
  expect(expected.reduce((sum, { count }) => sum + count, 0)).toBe(3_501)
  expect(expected).toContainEqual({ type: 'project.imported', count: 1 })
  const cli = baton()
  const killed = await cli.run(['import', long], { env: { BATON_FAILPOINTS: 'import-events-written:2' } })
  expect(killed.signal).toBe('SIGKILL')
  expect(eventsIn(cli.data_dir).reduce((sum, { count }) => sum + count, 0)).toBe(2_000)
  const again = await cli.run(['projects'], { env: { BATON_FAILPOINTS: 'import-events-written' } })
  expect(again.signal).toBe('SIGKILL')
  expect((await cli.run(['projects'])).code).toBe(0)
  expect(eventsIn(cli.data_dir)).toEqual(expected)
  expect(namesIn(join(cli.data_dir, 'imports'))).toEqual([])
})

test('D3 the command line says what it cannot do, writes over nothing, and leaves no half file', async () => {
  const cli = baton()
  expect((await cli.run(['export', 'prj_1'])).stderr).toMatch(/no project prj_1/)
  const missing = await cli.run(['import', join(cli.folder, 'nothing')])
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot be read.*baton export/) })
  const other = join(cli.folder, 'other.gz')
  writeFileSync(other, 'not an archive')
  const refused = await cli.run(['import', other])
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^Nothing was imported\. It is not a project/),
  })
  expect((await cli.run(['import', archive])).stdout).toMatch(/^prj_1 .*succeeded\nIts files are in /)
  const kept = await cli.run(['export', 'prj_1', '--out', other])
  expect(kept).toMatchObject({ code: 2, stderr: expect.stringMatching(/is there already.*--force/) })
  expect(readFileSync(other, 'utf8')).toBe('not an archive')
  const lost = await cli.run(['export', 'prj_1', '--out', join(cli.folder, 'no', 'such', 'folder')])
  expect(lost).toMatchObject({ code: 1, stderr: expect.stringMatching(/could not be written.*--out/) })
  expect((await cli.run(['export', 'prj_1', '--out', other, '--force'])).code).toBe(0)
  expect((await cli.run(['import', other])).code).toBe(0)
  expect(namesIn(join(cli.data_dir, 'exports'))).toEqual([])
  expect(namesIn(cli.folder).filter((name) => name.startsWith('.baton'))).toEqual([])
})

let served: ServedCore | null = null
afterEach(async () => {
  await served?.close()
  served = null
})

test('D3 others are served while a project with a long past comes in', async () => {
  served = await serveCore()
  const { call } = served
  let isOver = false
  const made = call('/api/projects/import', { method: 'POST', body: new Uint8Array(await longPast(40_000)) }).finally(
    () => {
      isOver = true
    },
  )
  const seen = new Set<number>()
  while (!isOver) {
    const answer = await call('/health')
    expect(answer.status).toBe(200)
    seen.add(eventsIn(served.data_dir).reduce((sum, { count }) => sum + count, 0))
  }
  expect((await made).status).toBe(201)
  // Some answer came between two of the slices.
  expect([...seen].some((count) => count > 0 && count < 40_000)).toBe(true)
  expect(eventsIn(served.data_dir).reduce((sum, { count }) => sum + count, 0)).toBe(40_001)
})

test('D3 scripts fetch a project with one GET and bring it in with one POST, each as a stream', async () => {
  served = await serveCore()
  const { call, data_dir } = served
  const post = (body: RequestInit['body']) =>
    call('/api/projects/import', { method: 'POST', body, duplex: 'half' } as RequestInit)
  const made = await post(readFileSync(archive))
  expect(made.status).toBe(201)
  const { id } = projectSchema.parse(await made.json())
  const fetched = await call(`/api/projects/${id}/export`)
  expect(fetched.status).toBe(200)
  expect(fetched.headers.get('content-disposition')).toMatch(/filename="Write-a-short-report.*\.baton\.tar\.gz"/)
  // The body of the answer is that of the next request: neither is ever whole anywhere.
  const again = await post(fetched.body)
  expect(again.status).toBe(201)
  expect(contents(projectSchema.parse(await again.json()).workspace)).toEqual(files)
  const refused = await post('nonsense')
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    error: { code: 'BAD_REQUEST', message: expect.stringMatching(/^Nothing was imported/) },
  })
  expect((await call('/api/projects/prj_99/export')).status).toBe(404)
  expect((await call(`/api/projects/${id}/export`, { headers: { authorization: '' } })).status).toBe(401)
  expect(namesIn(join(data_dir, 'exports'))).toEqual([])
  expect(namesIn(join(data_dir, 'imports'))).toEqual([])
})

test('D3 pieces are taken in order only, and an announced size is kept', async () => {
  served = await serveCore()
  const { post, call } = served
  const put = (id: string, offset: number, data: Buffer) =>
    call(`/api/imports/${id}`, {
      ...{ method: 'PUT', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ offset, data: data.toString('base64') }),
    })
  const whole = readFileSync(archive)
  const { id } = z
    .object({ id: z.string() })
    .parse(await (await post('/api/imports', { bytes: whole.byteLength })).json())
  expect((await post(`/api/imports/${id}/finish`, {})).status).toBe(409)
  expect((await put(id, 0, whole.subarray(0, 1_000))).status).toBe(200)
  expect((await put(id, 0, whole.subarray(0, 1_000))).status).toBe(409)
  expect((await put(id, 1_000, Buffer.concat([whole.subarray(1_000), Buffer.alloc(1)]))).status).toBe(400)
  expect((await put(id, 1_000, whole.subarray(1_000))).status).toBe(200)
  expect((await post(`/api/imports/${id}/finish`, {})).status).toBe(201)
  expect((await post(`/api/imports/${id}/finish`, {})).status).toBe(404)
  expect((await post('/api/imports', { bytes: 9_000_000_000 })).status).toBe(413)
})
