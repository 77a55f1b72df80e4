import { createHash } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Header } from 'tar-stream'
import type { z } from 'zod'
import { syncFolder } from '../store/durable-file.ts'
import { createForbiddenNames } from '../workspace/forbidden-names.ts'
import { errorCode } from '../workspace/refusal.ts'
import { parseRelativePath } from '../workspace/relative-path.ts'
import { isTemporary } from '../workspace/temporary-name.ts'
import {
  ARCHIVE_FORMAT,
  type ArchiveEntry,
  ArchiveFault,
  type ArchiveFormat,
  type ArchiveLimits,
  archiveFormat,
  archiveManifest,
  FORMAT_ENTRY,
  MANIFEST_ENTRY,
  MAX_INDEX_BYTES,
} from './archive-format.ts'
import { ARCHIVE_TABLES } from './archive-tables.ts'
import { isLooseObject } from './loose-object.ts'

/** What came out of an archive, in a folder that is nobody's yet. */
export interface Unpacked {
  readonly folder: string
  readonly format: ArchiveFormat
  /** Tables that have rows, in `rows/`. */
  readonly tables: ReadonlySet<string>
  readonly blobs: ReadonlySet<string>
  /** Contents of the private history, laid out as git wants them. */
  readonly history: ReadonlySet<string>
  readonly files: number
}

const NOT_ONE = 'It is not a project that Baton exported, or it was damaged or cut short on its way'
const TABLES: ReadonlySet<string> = new Set(ARCHIVE_TABLES.map(({ name }) => name))
const forbidden = createForbiddenNames([])

/**
 * Unpacks an archive into `folder`, which must be new and empty. Everything in the archive is hostile: only the entries that
 * an export writes are taken, each once, as plain files, into places that are made up here; sizes and counts are bounded
 * before they are written; and in the end every entry must be in the manifest with its hash. Throws an {@link ArchiveFault}.
 */
export async function unpackArchive(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  limits: ArchiveLimits,
): Promise<Unpacked> {
  const tar = (await import('tar-stream')).extract()
  const packed = bounded(limits.archive_bytes, 'The archive')
  const unpacked = bounded(limits.unpacked_bytes, 'The archive, unpacked,')
  const fed = pipeline(Readable.from(source, { objectMode: false }), packed, createGunzip(), unpacked, tar)
  // The reader below sees the fault too, but not always its first cause.
  const cause = fed.then(
    () => null,
    (fault: unknown) => fault,
  )
  const taker = createTaker(folder, limits)
  let own: unknown = null
  try {
    for await (const entry of tar) {
      const taken = taker.take({ header: entry.header, content: entry as AsyncIterable<Uint8Array> })
      await taken.catch((fault: unknown) => {
        own = fault
        throw fault
      })
    }
  } catch (fault) {
    tar.destroy()
    // Who ends a stream in the middle makes a fault there, and a stream that breaks makes one where it is read.
    const isFirst = own instanceof ArchiveFault || errorCode(own) !== null
    throw readable(isFirst ? own : ((await cause) ?? fault))
  }
  const fault = await cause
  if (fault !== null) throw readable(fault)
  return taker.finish()
}

/** Lets through `limit` bytes. */
function bounded(limit: number, what: string) {
  return async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const chunk of source) {
      bytes += chunk.byteLength
      if (bytes > limit) throw new ArchiveFault(`${what} has more than ${limit} bytes, which is the most that is taken`)
      yield chunk
    }
  }
}

/** What a decompressor or the tar reader says is no text for a person. */
function readable(fault: unknown): unknown {
  if (fault instanceof ArchiveFault) return fault
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : ''
  const isContent = code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE'
  const isTar =
    fault instanceof Error &&
    /invalid tar|invalid header|header exceeds|unexpected end|writable stream closed/i.test(fault.message)
  return isContent || isTar ? new ArchiveFault(NOT_ONE, { cause: fault }) : fault
}

/** One file of the tar. */
interface Entry {
  readonly header: Header
  readonly content: AsyncIterable<Uint8Array>
}

interface Taker {
  take(entry: Entry): Promise<void>
  finish(): Unpacked
}

function createTaker(folder: string, limits: ArchiveLimits): Taker {
  const seen = new Map<string, Omit<ArchiveEntry, 'path'>>()
  const tables = new Set<string>()
  const blobs = new Set<string>()
  const history = new Set<string>()
  const folders = new Set<string>()
  let files = 0
  let format: ArchiveFormat | null = null
  let manifest: readonly ArchiveEntry[] | null = null

  /** Where an entry goes and how much it may hold; only what an export writes has a place. */
  function placeOf(name: string): { to: string; limit: number; check?: (path: string) => Promise<void> } {
    const [, kind, rest = ''] = /^(rows|blobs|history|workspace)\/(.*)$/s.exec(name) ?? []
    const table = /^([a-z_]+)\.jsonl$/.exec(rest)?.[1]
    if (kind === 'rows' && table !== undefined && TABLES.has(table)) {
      tables.add(table)
      return { to: join(folder, 'rows', rest), limit: limits.unpacked_bytes }
    }
    if (kind === 'blobs' && /^[0-9a-f]{64}$/.test(rest)) {
      blobs.add(rest)
      return { to: join(folder, 'blobs', rest), limit: limits.blob_bytes, check: (path) => checkBlob(path, rest) }
    }
    if (kind === 'history' && /^[0-9a-f]{40}$/.test(rest)) {
      history.add(rest)
      const to = join(folder, 'history', 'objects', rest.slice(0, 2), rest.slice(2))
      return { to, limit: limits.blob_bytes, check: (path) => checkObject(path, rest) }
    }
    if (kind === 'workspace') {
      files += 1
      return { to: join(folder, 'workspace', ...checkedPath(rest)), limit: limits.unpacked_bytes }
    }
    throw new ArchiveFault(`It holds ${shown(name)}, which no export writes`)
  }

  async function checkBlob(path: string, name: string): Promise<void> {
    const content = await readFile(path)
    if (createHash('sha256').update(content).digest('hex') !== name)
      throw new ArchiveFault('A large text in it is damaged')
    try {
      JSON.parse(content.toString('utf8'))
    } catch (cause) {
      throw new ArchiveFault('A large text in it is none that Baton writes', { cause })
    }
  }

  async function checkObject(path: string, name: string): Promise<void> {
    if (await isLooseObject(name, await readFile(path), limits.blob_bytes)) return
    throw new ArchiveFault(`The content ${name} of its private history is damaged`)
  }

  return {
    async take(entry) {
      const { header } = entry
      const { name } = header
      checkHeader(header)
      if (manifest !== null) throw new ArchiveFault('It goes on behind its end')
      if (seen.has(name)) throw new ArchiveFault(`It holds ${shown(name)} twice`)
      if (seen.size >= limits.entries)
        throw new ArchiveFault(`It has more than ${limits.entries} files, which is the most that is taken`)
      if (format === null && name !== FORMAT_ENTRY) throw new ArchiveFault(NOT_ONE)
      if (name === FORMAT_ENTRY || name === MANIFEST_ENTRY) {
        const content = await contentOf(entry)
        if (name === FORMAT_ENTRY) format = parseFormat(content)
        else manifest = parsed(archiveManifest, content).entries
        if (name === FORMAT_ENTRY)
          seen.set(name, { bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') })
        return
      }
      const { to, limit, check } = placeOf(name)
      if ((header.size ?? 0) > limit) throw new ArchiveFault(`${shown(name)} has more than ${limit} bytes`)
      folders.add(dirname(to))
      seen.set(name, await writeEntry(entry, to))
      await check?.(to)
    },
    finish() {
      if (format === null || manifest === null) throw new ArchiveFault(NOT_ONE)
      const differs = manifest.find(({ path, bytes, sha256 }) => {
        const found = seen.get(path)
        return found === undefined || found.bytes !== bytes || found.sha256 !== sha256
      })
      if (differs !== undefined) throw new ArchiveFault(`${shown(differs.path)} is not what was written, or is missing`)
      // Same number and all of them there: nothing came in beside them, unless one is named twice.
      if (new Set(manifest.map(({ path }) => path)).size !== seen.size)
        throw new ArchiveFault('It holds files that its own list does not name')
      for (const each of folders) syncFolder(each)
      return { folder, format, tables, blobs, history, files }
    },
  }
}

function checkHeader({ name, type, size = 0 }: Header): void {
  if (type !== 'file' && type !== 'contiguous-file') {
    throw new ArchiveFault(`${shown(name)} is a ${String(type)}; only plain files are taken`)
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveFault(`${shown(name)} has no size`)
}

function checkedPath(path: string): string[] {
  const names = parseRelativePath(path)
  if (!names.ok) throw new ArchiveFault(names.error.message.replace(/\.$/, ''))
  // One spelling only, or two entries could be one file.
  if (names.value.length === 0 || names.value.join('/') !== path)
    throw new ArchiveFault(`${shown(path)} is no path of a workspace`)
  const secret = names.value.find((part) => forbidden(part) !== null || isTemporary(part))
  if (secret !== undefined) throw new ArchiveFault(`${shown(path)} has a name that no export writes`)
  return names.value
}

async function contentOf(entry: Entry): Promise<Buffer> {
  if ((entry.header.size ?? 0) > MAX_INDEX_BYTES) throw new ArchiveFault(`${shown(entry.header.name)} is too large`)
  const chunks: Uint8Array[] = []
  for await (const chunk of entry.content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function parseFormat(content: Buffer): ArchiveFormat {
  const format = parsed(archiveFormat, content)
  if (format.version !== ARCHIVE_FORMAT) {
    throw new ArchiveFault(
      `It was made by Baton ${format.baton_version} in a form (${format.version}) that this one does not know. Update Baton`,
    )
  }
  return format
}

function parsed<T>(schema: z.ZodType<T>, content: Buffer): T {
  try {
    return schema.parse(JSON.parse(content.toString('utf8')))
  } catch (cause) {
    throw new ArchiveFault(NOT_ONE, { cause })
  }
}

/** Writes an entry as a new file, durably. */
async function writeEntry(entry: Entry, to: string): Promise<Omit<ArchiveEntry, 'path'>> {
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const isExecutable = ((entry.header.mode ?? 0) & 0o100) !== 0
    const file = await open(to, 'wx', isExecutable ? 0o755 : 0o644)
    try {
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of entry.content) {
        hash.update(chunk)
        bytes += chunk.byteLength
        await writeWhole(file, chunk)
      }
      const { mtime } = entry.header
      if (mtime !== undefined && Number.isFinite(mtime.getTime())) await file.utimes(mtime, mtime)
      await file.sync()
      return { bytes, sha256: hash.digest('hex') }
    } finally {
      await file.close()
    }
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : ''
    if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes(code)) throw fault
    throw new ArchiveFault(
      `${shown(entry.header.name)} cannot stand beside another file of it on this disk, which may not tell upper and lower case apart`,
      { cause: fault },
    )
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) done += (await file.write(chunk, done)).bytesWritten
}

function shown(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name)
}
