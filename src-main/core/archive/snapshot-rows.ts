import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { blobOf, type RawRow } from './archive-row.ts'
import { ARCHIVE_TABLES } from './archive-tables.ts'

export interface RowsSnapshot {
  /** Tables with rows, as `<table>.jsonl` in the folder. */
  readonly tables: readonly string[]
  /** Large texts that the rows stand on, by hash. */
  readonly blobs: ReadonlySet<string>
  /** Commits that the rows name. */
  readonly schema_version: number
}

/** So many rows per turn of the loop. */
const ROWS_PER_TURN = 200

/**
 * Writes a project's rows into `folder`, as they were at one moment while everything goes on: a connection of its own holds
 * that moment. Null where the project is gone.
 */
export async function snapshotRows(database: string, projectKey: number, folder: string): Promise<RowsSnapshot | null> {
  const sqlite = new Database(database, { readonly: true, fileMustExist: true })
  const blobs = new Set<string>()
  const tables: string[] = []
  try {
    sqlite.exec('BEGIN')
    const schema_version = sqlite.prepare<[], number>('SELECT count(*) FROM migration').pluck().get() ?? 0
    for (const { name, select, left_out } of ARCHIVE_TABLES) {
      const rows = await writeTable(join(folder, `${name}.jsonl`), sqlite, select, projectKey, left_out, blobs)
      if (rows === 0 && name === 'project') return null
      if (rows > 0) tables.push(name)
    }
    return { tables, blobs, schema_version }
  } finally {
    sqlite.close()
  }
}

async function writeTable(
  path: string,
  sqlite: Database.Database,
  select: string,
  project: number,
  leftOut: readonly string[],
  blobs: Set<string>,
): Promise<number> {
  let rows = 0
  async function* lines(): AsyncGenerator<string> {
    for (const row of sqlite.prepare<{ project: number }, RawRow>(select).iterate({ project })) {
      rows += 1
      for (const stored of [row['input'], row['output']]) {
        const blob = blobOf(stored)
        if (blob !== null) blobs.add(blob)
      }
      const kept = Object.fromEntries(Object.entries(row).filter(([name]) => !leftOut.includes(name)))
      yield `${JSON.stringify(kept)}\n`
      if (rows % ROWS_PER_TURN === 0) await turn()
    }
  }
  // It also takes a fault that comes while nobody waits for the file.
  await pipeline(lines, createWriteStream(path, { mode: 0o600 }))
  return rows
}
