import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import type { Sqlite } from './connection.ts'

/** What SQLite finds wrong with a database; empty where it is whole. Reads all of it. */
export function integrityOf(database: Sqlite): string[] {
  try {
    const told = database.pragma('integrity_check(5)') as { integrity_check: string }[]
    const damage = told.map((row) => row.integrity_check).filter((text) => text !== 'ok')
    const links = (database.pragma('foreign_key_check') as unknown[]).length
    return links === 0 ? damage : [...damage, `${links} rows refer to missing ones`]
  } catch (fault) {
    return [(fault as Error).message]
  }
}

const CHUNK = 1 << 20

/** Size and SHA-256 of a file. Throws where it cannot be read. */
export function hashFile(path: string): { bytes: number; sha256: string } {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    const chunk = Buffer.allocUnsafe(CHUNK)
    let bytes = 0
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read))
      bytes += read
    }
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    closeSync(file)
  }
}
