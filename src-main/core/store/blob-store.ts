import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Failpoint } from '../failpoint.ts'

/** Large texts by their SHA-256, outside the database (`blobs/`). Written once, never changed. */
export interface BlobStore {
  /** Keeps the text or the bytes durably and answers with their hash. */
  put(content: string | Uint8Array): string
  get(sha256: string): string
  /** Where it lies. */
  pathOf(sha256: string): string
}

export function createBlobStore(dataDir: string, failpoint: Failpoint = () => undefined): BlobStore {
  const folder = join(dataDir, 'blobs')
  // One name for all, so that a dead core leaves at most this, and the next one takes it away.
  const temporary = join(folder, 'new.tmp')
  rmSync(temporary, { force: true })
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256)
  return {
    put(content) {
      const sha256 = createHash('sha256').update(content).digest('hex')
      const path = pathOf(sha256)
      if (existsSync(path)) return sha256
      mkdirSync(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 })
      try {
        const file = openSync(temporary, 'w', 0o600)
        try {
          writeFileSync(file, content)
          fsyncSync(file)
        } finally {
          closeSync(file)
        }
        failpoint('before-blob-placed')
        renameSync(temporary, path)
        failpoint('after-blob-placed')
      } catch (cause) {
        // What a full disk took of it must not make it fuller.
        rmSync(temporary, { force: true })
        throw cause
      }
      syncFolder(join(folder, sha256.slice(0, 2)))
      syncFolder(folder)
      return sha256
    },
    get: (sha256) => readFileSync(pathOf(sha256), 'utf8'),
    pathOf,
  }
}

/** A new name survives a power cut only when its folder was written too. Windows does that by itself. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
