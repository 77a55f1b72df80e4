import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Export, ImportBegun } from '#contract/archive.ts'
import { ARCHIVE_CHUNK_BYTES } from '#contract/archive-chunk.ts'
import type { Project } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import { LOCAL_USER } from '#contract/role.ts'
import type { Core, Log } from '../core.ts'
import { correlation } from '../correlation.ts'
import type { ImportFailpoint } from '../failpoint.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { createShares, type GiveBack } from '../shares.ts'
import { errorCode } from '../workspace/refusal.ts'
import { ARCHIVE_LIMITS, ARCHIVE_SUFFIX } from './archive-format.ts'
import type { ExportedProject } from './export-project.ts'
import { IMPORTS } from './import-project.ts'

export interface TransferParts {
  readonly data_dir: string
  readonly failpoint: ImportFailpoint
  readonly log: Log
  export(id: string): Promise<Result<ExportedProject, Refusal>>
  import(archive: AsyncIterable<Uint8Array>): Promise<Result<Project, Refusal>>
  /** How many of each kind somebody may have under way. */
  atOnce(): number
}

/** What a transfer leaves to be cleared away. */
interface Ended {
  readonly folder: string
  readonly giveBack: GiveBack
  readonly file?: FileHandle
}

/** An upload under way, in a folder of `imports/` that no project counts on. */
interface Upload {
  readonly folder: string
  readonly path: string
  readonly file: FileHandle
  readonly bytes: number
  readonly giveBack: GiveBack
  received: number
  touched_at: number
}

/** Who fetches or sends nothing for so long is gone. */
const IDLE_MS = 3_600_000
/** Whoever has too many under way may come again so soon (s). */
const RETRY_AFTER_S = 10

/**
 * Archives on their way out of and into core, in pieces: every carrier of the contract can carry those, none has to hold a
 * whole archive, and the other side sets the pace. Each holds a file of up to gigabytes, so everybody may have a few at once,
 * and nobody's make another's fewer. Nothing of it survives core; a new start throws the pieces away.
 */
export function createTransfers(parts: TransferParts): Core['archives'] {
  const exports = new Map<string, ExportedProject & { readonly giveBack: GiveBack; touched_at: number }>()
  const uploads = new Map<string, Upload>()
  const shares = { exports: createShares(parts.atOnce), imports: createShares(parts.atOnce) }

  function take(kind: keyof typeof shares): Result<GiveBack, Refusal> {
    const who = correlation().actor?.id ?? LOCAL_USER
    const back = shares[kind].take(who)
    if (back !== null) return ok(back)
    return refuse(
      'too_many_requests',
      `You have ${shares[kind].of(who)} ${kind} of projects under way, and no more are allowed at once. Wait until one has ended, or raise "max_transfers" in the settings.`,
      { retry_after_s: RETRY_AFTER_S },
    )
  }

  /** An archive made for whoever asks, whose share ends with it. */
  async function made(projectId: string): Promise<Result<ExportedProject & { giveBack: GiveBack }, Refusal>> {
    const share = take('exports')
    if (!share.ok) return share
    const giveBack = share.value
    try {
      const exported = await parts.export(projectId)
      if (exported.ok) return ok({ ...exported.value, giveBack })
      giveBack()
      return exported
    } catch (fault) {
      giveBack()
      throw fault
    }
  }

  /** The end of a transfer: whatever becomes of its file, its owner may begin another. */
  async function clear({ folder, giveBack, file }: Ended): Promise<void> {
    try {
      await file?.close()
      await rm(folder, { recursive: true, force: true })
    } catch (fault) {
      parts.log.warn('An archive could not be removed; the next start removes it', { folder, error: String(fault) })
    } finally {
      giveBack()
    }
  }

  async function forgetIdle(): Promise<void> {
    const before = Date.now() - IDLE_MS
    for (const [id, { touched_at }] of exports) if (touched_at < before) await discard(id)
    for (const [id, { touched_at }] of uploads) if (touched_at < before) await abandon(id)
  }

  async function discard(id: string): Promise<void> {
    const made = exports.get(id)
    exports.delete(id)
    if (made !== undefined) await clear(made)
  }

  async function abandon(id: string): Promise<void> {
    const upload = uploads.get(id)
    uploads.delete(id)
    if (upload !== undefined) await clear(upload)
  }

  const noExport = (id: string) =>
    refuse(
      'not_found',
      `There is no export ${id}; it was fetched, or nobody fetched it for an hour. Export the project again.`,
    )
  const noUpload = (id: string) =>
    refuse('not_found', `There is no import ${id} under way; it ended, or nothing came for an hour. Begin it again.`)

  return {
    async export(projectId) {
      await forgetIdle()
      const one = await made(projectId)
      if (!one.ok) return one
      exports.set(one.value.key, { ...one.value, touched_at: Date.now() })
      return ok({ id: one.value.key, name: one.value.name, bytes: one.value.bytes } satisfies Export)
    },
    async read(id, offset) {
      const made = exports.get(id)
      if (made === undefined) return noExport(id)
      made.touched_at = Date.now()
      const file = await open(made.path, 'r')
      try {
        const { bytesRead, buffer } = await file.read(
          Buffer.allocUnsafe(ARCHIVE_CHUNK_BYTES),
          0,
          ARCHIVE_CHUNK_BYTES,
          offset,
        )
        return ok({
          data: buffer.toString('base64', 0, bytesRead),
          next_offset: offset + bytesRead < made.bytes ? offset + bytesRead : null,
        })
      } finally {
        await file.close()
      }
    },
    async discard(id) {
      if (!exports.has(id)) return noExport(id)
      await discard(id)
      return ok(undefined)
    },
    async download(projectId) {
      const one = await made(projectId)
      if (!one.ok) return one
      const { name, bytes, path } = one.value
      const content = createReadStream(path)
      content.on('close', () => void clear(one.value))
      return ok({ name, bytes, content })
    },

    async begin(bytes) {
      await forgetIdle()
      if (bytes > ARCHIVE_LIMITS.archive_bytes) {
        return refuse('too_large', `The archive has ${bytes} bytes; at most ${ARCHIVE_LIMITS.archive_bytes} are taken.`)
      }
      const share = take('imports')
      if (!share.ok) return share
      const id = randomUUID()
      const folder = join(parts.data_dir, IMPORTS, id)
      const path = join(folder, `archive${ARCHIVE_SUFFIX}`)
      const giveBack = share.value
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const file = await open(path, 'wx', 0o600)
        uploads.set(id, { folder, path, file, bytes, giveBack, received: 0, touched_at: Date.now() })
      } catch (fault) {
        giveBack()
        throw fault
      }
      return ok({ id, chunk_bytes: ARCHIVE_CHUNK_BYTES } satisfies ImportBegun)
    },
    async append(id, offset, data) {
      const upload = uploads.get(id)
      if (upload === undefined) return noUpload(id)
      upload.touched_at = Date.now()
      if (offset !== upload.received) {
        return refuse(
          'conflict',
          `The next piece must begin at byte ${upload.received}, and this one begins at ${offset}.`,
          { received: upload.received },
        )
      }
      const piece = Buffer.from(data, 'base64')
      if (offset + piece.byteLength > upload.bytes)
        return refuse('bad_request', `The archive was announced with ${upload.bytes} bytes, and this is more.`)
      // Taken at once, so that two pieces for one place cannot both be.
      upload.received += piece.byteLength
      try {
        for (let done = 0; done < piece.byteLength; ) {
          done += (await upload.file.write(piece, done, piece.byteLength - done, offset + done)).bytesWritten
        }
      } catch (fault) {
        await abandon(id)
        if (errorCode(fault) === null) throw fault
        return refuse(
          'unavailable',
          `Nothing was imported: the archive could not be kept (${(fault as Error).message}). See that the disk has room, then begin again.`,
        )
      }
      return ok({ received: upload.received })
    },
    async finish(id) {
      const upload = uploads.get(id)
      if (upload === undefined) return noUpload(id)
      if (upload.received !== upload.bytes) {
        return refuse('conflict', `Only ${upload.received} of ${upload.bytes} bytes have come. Send the rest first.`, {
          received: upload.received,
        })
      }
      uploads.delete(id)
      parts.failpoint('import-received')
      try {
        return await parts.import(createReadStream(upload.path))
      } finally {
        await clear(upload)
      }
    },
    async abandon(id) {
      if (!uploads.has(id)) return noUpload(id)
      await abandon(id)
      return ok(undefined)
    },
    async import(archive) {
      const share = take('imports')
      if (!share.ok) return share
      try {
        return await parts.import(archive)
      } finally {
        share.value()
      }
    },
  }
}
