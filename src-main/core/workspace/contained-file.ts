import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises'
import { ok } from '#contract/result.ts'
import type { Failpoint } from '../failpoint.ts'
import { type Folder, fileFault } from './folder.ts'
import { attempt, errorCode, type Refusable, refuse } from './refusal.ts'
import { withTemporaryName } from './temporary-name.ts'
import type { TakeFile } from './workspace.ts'

const CHUNK_BYTES = 256 * 1024

/** The whole file, when it has at most `limit` bytes. */
export function readFileIn(folder: Folder, name: string, path: string, limit: number): Promise<Refusable<Uint8Array>> {
  return withFile(folder, name, path, async (handle, { size }) => {
    const tooLarge = refuse(
      'too_large',
      `"${path}" has more than the ${limit} bytes that may be read at once. Search in it, or read it with a command.`,
    )
    if (size > limit) return tooLarge
    // It may grow while it is read: one byte over the limit is enough to see that.
    const chunks: Uint8Array[] = []
    let total = 0
    for await (const chunk of chunksOf(handle, limit + 1, size + 1)) {
      chunks.push(chunk)
      total += chunk.byteLength
    }
    return total > limit ? tooLarge : ok(Buffer.concat(chunks, total))
  })
}

/** SHA-256 of a file of any size, in hex. */
export function hashFileIn(folder: Folder, name: string, path: string): Promise<Refusable<string>> {
  return withFile(folder, name, path, async (handle, { size }) => {
    const hash = createHash('sha256')
    for await (const chunk of chunksOf(handle, Number.POSITIVE_INFINITY, size + 1)) hash.update(chunk)
    return ok(hash.digest('hex'))
  })
}

/**
 * Gives the content of a file of any size piece by piece to `take`, which is told its size first and gets exactly so much.
 * Refused where the file turns out shorter; what is appended meanwhile is not given.
 */
export async function streamFileIn(
  folder: Folder,
  name: string,
  path: string,
  take: TakeFile,
): Promise<Refusable<void>> {
  let failure: { readonly cause: unknown } | null = null
  const read = await withFile(folder, name, path, async (handle, { size, mode, mtimeMs }) => {
    let fault: unknown = null
    async function* content(): AsyncGenerator<Uint8Array> {
      let left = size
      try {
        for await (const chunk of chunksOf(handle, size, size)) {
          left -= chunk.byteLength
          yield chunk
        }
        if (left > 0) throw new FileShrank()
      } catch (cause) {
        fault = cause
        throw cause
      }
    }
    try {
      const facts = { bytes: size, executable: (mode & 0o100) !== 0, modified_ms: Math.floor(mtimeMs) }
      await take(facts, content())
    } catch (cause) {
      if (cause instanceof FileShrank) {
        return refuse('io', `"${path}" became shorter while it was read. Try again when nothing writes it.`)
      }
      if (cause === fault) throw cause
      // Not a fault of this file: where it is taken to, the disk may be full.
      failure = { cause }
    }
    return ok(undefined)
  })
  // Set in the callback, which the compiler does not follow.
  const failed = failure as { readonly cause: unknown } | null
  if (failed !== null) throw failed.cause
  return read
}

class FileShrank extends Error {}

/**
 * Puts `content` under `name` by way of a temporary file in the same folder. Replaces a regular file and keeps its
 * permissions. Durable when it resolves.
 */
export async function replaceFileIn(
  folder: Folder,
  name: string,
  path: string,
  content: Uint8Array,
  failpoint: Failpoint,
): Promise<Refusable<void>> {
  const target = `${folder.at}/${name}`
  const seen = await attempt(path, () => lstat(target))
  if (!seen.ok && seen.error.kind !== 'not_found') return seen
  const fault = seen.ok ? fileFault(seen.value, path) : null
  if (fault !== null) return fault
  const mode = seen.ok ? seen.value.mode & 0o777 : null

  return withTemporaryName(async (temporaryName) => {
    const temporary = `${folder.at}/${temporaryName}`
    const written = await attempt(path, async () => {
      await writeNewFile(temporary, content, mode)
      failpoint('after-temporary-file')
      await rename(temporary, target)
      failpoint('after-rename')
    })
    if (!written.ok) {
      const removed = await attempt(path, () => unlink(temporary))
      if (!removed.ok && removed.error.kind !== 'not_found') {
        const message = `${written.error.message} Its temporary file ${temporaryName} could not be removed; that is tried again when the workspace is opened.`
        return refuse(written.error.kind, message)
      }
      return written
    }
    return attempt(path, () => folder.sync())
  })
}

async function writeNewFile(address: string, content: Uint8Array, mode: number | null): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  // Replacing a private file must not show its content to others in between.
  const handle = await open(address, flags, mode === null ? 0o666 : 0o600)
  try {
    if (mode !== null) await handle.chmod(mode)
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function withFile<T>(
  folder: Folder,
  name: string,
  path: string,
  use: (handle: FileHandle, stats: Stats) => Promise<Refusable<T>>,
): Promise<Refusable<T>> {
  const address = `${folder.at}/${name}`
  // Looked at before it is opened, because opening a device can already do something.
  const seen = await attempt(path, () => lstat(address))
  if (!seen.ok) return seen
  const fault = fileFault(seen.value, path)
  if (fault !== null) return fault
  // Not blocking, in case a pipe was put there since.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const opened = await attempt(path, () => open(address, flags))
  if (!opened.ok) return opened
  const handle = opened.value
  try {
    const stats = await handle.stat()
    return fileFault(stats, path) ?? (await use(handle, stats))
  } catch (error) {
    const code = errorCode(error)
    if (code === null) throw error
    return refuse('io', `Reading "${path}" failed (${code}). Try again; if it stays, check the disk.`)
  } finally {
    await handle.close()
  }
}

/** The file's content up to `limit` bytes. `expected` bytes are likely there, so that small files need small buffers. */
async function* chunksOf(handle: FileHandle, limit: number, expected: number): AsyncGenerator<Uint8Array> {
  const chunk = Math.min(CHUNK_BYTES, Math.max(expected, 4096))
  let left = limit
  while (left > 0) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(chunk, left)), 0)
    if (bytesRead === 0) return
    left -= bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
