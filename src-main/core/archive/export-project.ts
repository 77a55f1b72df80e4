import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Pack } from 'tar-stream'
import { encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { DATABASE } from '../store/backup-content.ts'
import { errorCode } from '../workspace/refusal.ts'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'
import {
  ARCHIVE_FORMAT,
  ARCHIVE_LIMITS,
  ARCHIVE_SUFFIX,
  type ArchiveEntry,
  ArchiveFault,
  type ArchiveFormat,
  FORMAT_ENTRY,
  MANIFEST_ENTRY,
} from './archive-format.ts'
import { type RowsSnapshot, snapshotRows } from './snapshot-rows.ts'

/** A finished archive in a folder of its own, which is the caller's to remove. */
export interface ExportedProject {
  readonly key: string
  readonly folder: string
  readonly path: string
  /** For the person who keeps it. */
  readonly name: string
  readonly bytes: number
}

export interface ExportParts {
  readonly data_dir: string
  readonly version: string
  readonly projects: ProjectView
  openWorkspace(root: string): Promise<Result<Workspace, FileRefusal>>
}

/** Holds each export's folder while it is made and fetched; nothing in it is anybody's only copy. */
export const EXPORTS = 'exports'

/**
 * Makes one archive of a whole project while everything goes on (D3): its rows as they are at one moment, then the large
 * texts, the private history and the workspace's files, each of which is read once and never held as a whole. Files with
 * forbidden names, links and Baton's settings and keys are not in it.
 */
export function createExport(parts: ExportParts): (id: string) => Promise<Result<ExportedProject, Refusal>> {
  return async (id) => {
    const found = parts.projects.row(id)
    if (!found.ok) return found
    const key = randomUUID()
    const folder = join(parts.data_dir, EXPORTS, key)
    const path = join(folder, 'archive')
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const rows = await snapshotRows(join(parts.data_dir, DATABASE), found.value.id, folder)
      if (rows === null) throw new ArchiveFault('the project was deleted meanwhile')
      const format: ArchiveFormat = {
        ...{ format: 'baton-project', version: ARCHIVE_FORMAT, baton_version: parts.version },
        ...{ schema_version: rows.schema_version, exported_at: Date.now() },
        ...{ project_id: id, project_name: found.value.name },
      }
      await pack(path, (add) => addAll(add, parts, folder, found.value, format, rows))
      for (const table of rows.tables) await rm(join(folder, `${table}.jsonl`), { force: true })
      return ok({ key, folder, path, name: fileName(found.value.name, id), bytes: (await stat(path)).size })
    } catch (fault) {
      await rm(folder, { recursive: true, force: true })
      const code = errorCode(fault)
      if (!(fault instanceof ArchiveFault) && code === null) throw fault
      const why = (fault instanceof Error ? fault.message : String(fault)).replace(/\.$/, '')
      return refuse(
        'unavailable',
        `The project was not exported: ${why}. ${code === null ? 'Try again when nothing writes its files.' : `See that ${parts.data_dir} has free space and is writable, then try again.`}`,
      )
    }
  }
}

interface Facts {
  readonly executable?: boolean
  readonly modified_ms?: number
}
type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
type Add = (path: string, bytes: number, content: Content, facts?: Facts) => Promise<void>

/** Writes the tar and, as its last entry, the list of all others with their hashes. */
async function pack(path: string, fill: (add: Add) => Promise<void>): Promise<void> {
  // Loaded at first use: most commands export nothing.
  const tar: Pack = (await import('tar-stream')).pack()
  const entries: ArchiveEntry[] = []
  const written = pipeline(tar, createGzip(), createWriteStream(path, { mode: 0o600, flush: true }))
  // Who adds sees the fault too; this keeps it from being nobody's meanwhile.
  written.catch(() => undefined)
  const put: Add = async (name, bytes, content, { executable = false, modified_ms = 0 } = {}) => {
    const header = { name, size: bytes, mode: executable ? 0o755 : 0o644, mtime: new Date(modified_ms) }
    await pipeline(Readable.from(content, { objectMode: false }), tar.entry(header))
  }
  try {
    await fill(async (name, bytes, content, facts) => {
      const hash = createHash('sha256')
      async function* hashed(): AsyncGenerator<Uint8Array> {
        for await (const chunk of content) {
          hash.update(chunk)
          yield chunk
        }
      }
      if (entries.length >= ARCHIVE_LIMITS.entries)
        throw new ArchiveFault(`it has more than ${ARCHIVE_LIMITS.entries} files`)
      await put(name, bytes, hashed(), facts)
      entries.push({ path: name, bytes, sha256: hash.digest('hex') })
    })
    const manifest = Buffer.from(JSON.stringify({ entries }))
    await put(MANIFEST_ENTRY, manifest.byteLength, [manifest])
    tar.finalize()
  } catch (fault) {
    tar.destroy(fault as Error)
    await written.catch(() => undefined)
    throw fault
  }
  await written
}

async function addAll(
  add: Add,
  parts: ExportParts,
  folder: string,
  project: { readonly id: number; readonly workspace: string },
  format: ArchiveFormat,
  rows: RowsSnapshot,
): Promise<void> {
  const head = Buffer.from(JSON.stringify(format))
  await add(FORMAT_ENTRY, head.byteLength, [head])
  for (const table of rows.tables) await addFile(add, `rows/${table}.jsonl`, join(folder, `${table}.jsonl`))
  for (const blob of rows.blobs)
    await addFile(add, `blobs/${blob}`, join(parts.data_dir, 'blobs', blob.slice(0, 2), blob))
  await addHistory(add, join(parts.data_dir, 'git', `${encodeId('project', project.id)}.git`))
  await addWorkspace(add, parts, project.workspace)
}

async function addFile(add: Add, name: string, path: string): Promise<void> {
  const { size } = await stat(path)
  await add(name, size, size === 0 ? [] : createReadStream(path, { end: size - 1 }))
}

/** The contents of the private history, as git keeps them. Which commit counts is in the rows. */
async function addHistory(add: Add, repository: string): Promise<void> {
  const objects = join(repository, 'objects')
  if (!existsSync(objects)) return
  const packs = join(objects, 'pack')
  if (existsSync(packs) && (await readdir(packs)).some((name) => name.endsWith('.pack'))) {
    throw new ArchiveFault(
      `somebody packed its private history ${repository}; unpack it with \`git unpack-objects\` to export it`,
    )
  }
  for (const part of (await readdir(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
    for (const rest of (await readdir(join(objects, part))).sort()) {
      if (/^[0-9a-f]{38}$/.test(rest)) await addFile(add, `history/${part}${rest}`, join(objects, part, rest))
    }
  }
}

async function addWorkspace(add: Add, parts: ExportParts, root: string): Promise<void> {
  const workspace = await parts.openWorkspace(root)
  if (!workspace.ok) throw new ArchiveFault(`its workspace cannot be read. ${workspace.error.message}`)
  const listed = await workspace.value.list('', ARCHIVE_LIMITS.entries)
  if (!listed.ok) throw new ArchiveFault(`its workspace cannot be read. ${listed.error.message}`)
  if (listed.value.truncated) {
    throw new ArchiveFault(
      `a folder of its workspace ${root} cannot be read, or has more than ${ARCHIVE_LIMITS.entries} files`,
    )
  }
  for (const { path } of listed.value.files) {
    const given = await workspace.value.stream(path, (file, content) =>
      add(`workspace/${path}`, file.bytes, content, file),
    )
    // Gone since it was listed: then it is no longer a file of the project.
    if (!given.ok && given.error.kind !== 'not_found') throw new ArchiveFault(given.error.message)
  }
}

/** A name that every system takes, from the project's own. */
function fileName(name: string, id: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
  return `${plain === '' ? id : plain}${ARCHIVE_SUFFIX}`
}
