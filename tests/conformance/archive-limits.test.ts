import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { ARCHIVE_LIMITS, ArchiveFault, type ArchiveLimits } from '../../src-main/core/archive/archive-format.ts'
import { checkRows } from '../../src-main/core/archive/import-rows.ts'
import { isLooseObject } from '../../src-main/core/archive/loose-object.ts'
import { unpackArchive } from '../../src-main/core/archive/unpack-archive.ts'
import { archiveOf, type Part } from '../support/archive.ts'
import { filesBelow } from '../support/markdown-folder.ts'

const FORMAT = {
  ...{ format: 'baton-project', version: 1, baton_version: '0', schema_version: 1, exported_at: 0 },
  ...{ project_id: 'prj_1', project_name: 'A' },
}
const part = (name: string, content: string | Buffer): Part => ({ header: { name }, content: Buffer.from(content) })
const archive = (...parts: Part[]): Promise<Buffer> =>
  archiveOf([part('format.json', JSON.stringify(FORMAT)), ...parts, part('manifest.json', '')])

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'baton-limits-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  mkdirSync(join(made, 'draft'))
  return join(made, 'draft')
}

async function* whole(content: Buffer): AsyncGenerator<Buffer> {
  yield content
}

async function fault(content: Buffer, limits: Partial<ArchiveLimits>, into = folder()): Promise<string> {
  const bounds = { ...ARCHIVE_LIMITS, ...limits }
  try {
    await checkRows(await unpackArchive(whole(content), into, bounds), bounds)
  } catch (cause) {
    if (cause instanceof ArchiveFault) return cause.message
    throw cause
  }
  throw new Error('The archive was taken.')
}

test('D3 an archive that unpacks to more than is taken is refused before it fills the disk', async () => {
  const bomb = await archive(part('workspace/zeros', Buffer.alloc(20_000_000)))
  expect(bomb.byteLength).toBeLessThan(100_000)
  const into = folder()
  expect(await fault(bomb, { unpacked_bytes: 1_000_000 }, into)).toMatch(/has more than 1000000 bytes/)
  expect(filesBelow(into)).toEqual([])
})

test('D3 a file that says it is small and goes on is cut where its size ends, so the rest is no archive', async () => {
  const lies = await archive(part('workspace/a', 'x'.repeat(5_000)))
  const { gunzipSync } = await import('node:zlib')
  const tar = gunzipSync(lies)
  const at = tar.indexOf('workspace/a')
  // The size field of the header, in octal, with the checksum made to fit.
  tar.write('00000000005', at + 124, 'latin1')
  tar.write('        ', at + 148, 'latin1')
  const sum = tar.subarray(at, at + 512).reduce((all, byte) => all + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
  expect(await fault(gzipSync(tar), {})).toMatch(/not a project that Baton exported/)
})

test.each<[string, Partial<ArchiveLimits>, RegExp]>([
  ['the archive itself', { archive_bytes: 100 }, /The archive has more than 100 bytes/],
  ['the number of files', { entries: 3 }, /more than 3 files/],
  ['the number of rows', { rows: 2 }, /more than 2 rows/],
  ['one row', { row_bytes: 10 }, /longer than 10 bytes/],
  ['one large text', { blob_bytes: 3 }, /has more than 3 bytes/],
])('D3 an import is bounded in %s', async (_, limits, said) => {
  // "null" and its SHA-256.
  const blob = part('blobs/74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b', 'null')
  const event = { ...{ seq: 1, ts: 0, type: 'executor.paused' }, data: '{"paused":true}' }
  const rows = [1, 2, 3].map((seq) => JSON.stringify({ ...event, seq })).join('\n')
  const content = await archive(
    blob,
    part('rows/event.jsonl', rows),
    part('workspace/a', 'a'),
    part('workspace/b', 'b'),
  )
  expect(await fault(content, {})).toMatch(/holds no project/)
  const into = folder()
  expect(await fault(content, limits, into)).toMatch(said)
  expect(existsSync(into)).toBe(true)
})

test('D3 a content of the history that unpacks to more than is taken is none', async () => {
  const { deflateSync } = await import('node:zlib')
  const { createHash } = await import('node:crypto')
  const object = Buffer.concat([Buffer.from('blob 1000000\0'), Buffer.alloc(1_000_000)])
  const name = createHash('sha1').update(object).digest('hex')
  expect(await isLooseObject(name, deflateSync(object), 2_000_000)).toBe(true)
  expect(await isLooseObject(name, deflateSync(object), 100_000)).toBe(false)
  expect(await isLooseObject(name, deflateSync(object).subarray(0, -5), 2_000_000)).toBe(false)
  expect(await isLooseObject('0'.repeat(40), deflateSync(object), 2_000_000)).toBe(false)
})
