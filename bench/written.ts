import { join } from 'node:path'
import Database from 'better-sqlite3'

/** What a task leaves in the database, by table. */
const TABLES = [
  'task',
  'run',
  'reservation',
  'usage_log',
  'budget_account',
  'chain_link',
  'event',
  'past_task',
] as const

function read<T>(dataDir: string, look: (sqlite: Database.Database) => T): T {
  const sqlite = new Database(join(dataDir, 'baton.db'), { readonly: true })
  try {
    return look(sqlite)
  } finally {
    sqlite.close()
  }
}

/** Rows of all tables that tasks are written to. */
export function writtenRows(dataDir: string): number {
  return read(dataDir, (sqlite) =>
    TABLES.reduce(
      (sum, table) => sum + (sqlite.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0),
      0,
    ),
  )
}

/** Bytes of the pages that these tables and their indexes use. */
export function writtenBytes(dataDir: string): number {
  return read(dataDir, (sqlite) => {
    const pages =
      Number(sqlite.pragma('page_count', { simple: true })) - Number(sqlite.pragma('freelist_count', { simple: true }))
    return pages * Number(sqlite.pragma('page_size', { simple: true }))
  })
}
