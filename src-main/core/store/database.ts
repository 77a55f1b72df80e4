import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { err, ok, type Result } from '#contract/result.ts'
import type { Refusal } from '../refusal.ts'
import type { Orm, Sqlite } from './connection.ts'
import { migrate } from './migrate.ts'

/**
 * Opens `baton.db` in `dataDir`, creating the folder (0700) and the tables where they are missing. The database is in WAL
 * mode with `synchronous=FULL`: what is committed survives a power cut (D1).
 */
export function openDatabase(dataDir: string): Result<{ sqlite: Sqlite; orm: Orm }, Refusal> {
  let sqlite: Sqlite
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    sqlite = new Database(join(dataDir, 'baton.db'), { timeout: 5_000 })
  } catch (cause) {
    return err({ code: 'unavailable', message: openFailure(dataDir, cause) })
  }
  try {
    sqlite.pragma('synchronous = FULL')
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma('cache_size = -32000')
    const migrated = migrate(sqlite, dataDir)
    if (!migrated.ok) {
      sqlite.close()
      return migrated
    }
    // Only now: it changes the file, and a database that is not ours must stay as it is.
    sqlite.pragma('journal_mode = WAL')
    return ok({ sqlite, orm: drizzle({ client: sqlite }) })
  } catch (cause) {
    sqlite.close()
    return err({ code: 'unavailable', message: openFailure(dataDir, cause) })
  }
}

function openFailure(dataDir: string, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : String(cause)
  return `Baton's database in ${dataDir} cannot be opened: ${why}. Check that the folder exists, is writable and has free space, or name another with --data.`
}
