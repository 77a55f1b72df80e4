import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { err, ok, type Result } from '#contract/result.ts'
import type { Refusal } from '../refusal.ts'
import type { Orm, Sqlite } from './connection.ts'
import { createLastingConnection } from './lasting-connection.ts'
import { migrate } from './migrate.ts'
import { keepStatements } from './statement-cache.ts'
import type { TableChanges } from './table-changes.ts'

/** How long a statement waits for another program that holds the database. */
export const BUSY_MS = 5_000

export interface OpenDatabase {
  readonly sqlite: Sqlite
  readonly orm: Orm
  readonly changes: TableChanges
  /**
   * Closes the file and opens it again, so that everything is read anew from the disk; statements that were prepared
   * before go on working. False: what is on the disk is damaged. Throws where it cannot be opened.
   */
  reopen(): boolean
}

/**
 * Opens `baton.db` in `dataDir`, creating the folder (0700) and the tables where they are missing. The database is in WAL
 * mode with `synchronous=FULL`: what is committed survives a power cut (D1).
 */
export function openDatabase(dataDir: string): Result<OpenDatabase, Refusal> {
  const path = join(dataDir, 'baton.db')
  let first: Sqlite
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    first = new Database(path, { timeout: BUSY_MS })
  } catch (cause) {
    return err({ code: 'unavailable', message: openFailure(dataDir, cause) })
  }
  try {
    setUp(first)
    // A new file is ours from the start, and its tables cost fewer syncs this way.
    if (isEmpty(first)) first.pragma('journal_mode = WAL')
    const migrated = migrate(first, dataDir)
    if (!migrated.ok) {
      first.close()
      return migrated
    }
    // Only now: it changes the file, and a database that is not ours must stay as it is.
    first.pragma('journal_mode = WAL')
  } catch (cause) {
    first.close()
    return err({ code: 'unavailable', message: openFailure(dataDir, cause) })
  }
  const { sqlite, changes, replace } = createLastingConnection(first)
  return ok({
    sqlite,
    orm: drizzle({ client: keepStatements(sqlite) }),
    changes,
    reopen() {
      replace(() => setUp(new Database(path, { timeout: BUSY_MS, fileMustExist: true })))
      return isWhole(sqlite)
    },
  })
}

/** Pages (16 MB). A page that many turns change is written back once; more would only make the start after a crash longer. */
const CHECKPOINT_PAGES = 4_000

/** What every connection of the store is set to. */
export function setUp(sqlite: Sqlite): Sqlite {
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('cache_size = -32000')
  // What savepoints keep to be able to roll back: in a file it costs more writes than the commits themselves.
  sqlite.pragma('temp_store = MEMORY')
  sqlite.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  return sqlite
}

function isEmpty(sqlite: Sqlite): boolean {
  return sqlite.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}

function isWhole(sqlite: Sqlite): boolean {
  try {
    return sqlite.pragma('quick_check(1)', { simple: true }) === 'ok'
  } catch (cause) {
    const code = cause instanceof Database.SqliteError ? cause.code : ''
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return false
    throw cause
  }
}

/** What a user is told of a database that does not open. */
export function openFailure(dataDir: string, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Database.SqliteError ? cause.code : ''
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return `Baton's database in ${dataDir} is damaged (${why}). Nothing was changed. Restore a backup with \`baton restore\`, or name another folder with --data.`
  }
  return `Baton's database in ${dataDir} cannot be opened: ${why}. Check that the folder exists, is writable and has free space, or name another with --data.`
}
