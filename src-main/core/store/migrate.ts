import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import type { Refusal } from '../refusal.ts'
import { resourceFolder } from '../resource-folder.ts'
import type { Sqlite } from './connection.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

/** The numbered SQL files of `resources/migrations`, in order. Append only: a file that was released never changes. */
export function listMigrations(folder = join(resourceFolder(), 'migrations')): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8')
      return { version: Number(name.slice(0, 4)), name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    })
}

/** All tables as one text, as {@link listMigrations} leave them. */
export const NEWEST_FILE = 'newest.sql'

/** The first line of that text: which migrations it is of. */
export function newestHead(migrations: readonly Migration[]): string {
  const all = createHash('sha256')
  for (const { sha256 } of migrations) all.update(sha256)
  return `-- ${all.digest('hex')}`
}

/** That text, made by `node scripts/newest-schema.ts`; null where it is of other migrations than these. */
export function newestTables(migrations: readonly Migration[]): string | null {
  const file = join(resourceFolder(), 'migrations', NEWEST_FILE)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return text.startsWith(`${newestHead(migrations)}\n`) ? text : null
}

/**
 * Brings the database to the newest version (D2): each migration in a transaction of its own, a copy of the database kept
 * before the first. A new database has nothing to lose and gets all tables at once, as the migrations would leave them: that
 * takes a fifth of the time. A database that is newer than this Baton, or that has another history, is refused and not written to.
 * `file` is what the database is called in its folder.
 */
export function migrate(
  sqlite: Sqlite,
  dataDir: string,
  given?: readonly Migration[],
  file = 'baton.db',
): Result<void, Refusal> {
  const migrations = given ?? listMigrations()
  const applied = readHistory(sqlite)
  if (applied === null) {
    return err({
      code: 'conflict',
      message: `The file ${file} in ${dataDir} is not Baton's: it has tables but no migration history. Move it away, or choose another data folder.`,
    })
  }
  if (applied.length > migrations.length) {
    return err({
      code: 'conflict',
      message: `The database in ${dataDir} was written by a newer Baton (version ${applied.length} of its tables, this one knows ${migrations.length}). Nothing was changed. Start the newer Baton, or choose another data folder.`,
    })
  }
  const foreign = applied.find((row, index) => row.sha256 !== migrations[index]?.sha256)
  if (foreign !== undefined) {
    return err({
      code: 'conflict',
      message: `The database in ${dataDir} has another history than this Baton (at ${foreign.name}). Nothing was changed. Restore a backup, or choose another data folder.`,
    })
  }
  const pending = migrations.slice(applied.length)
  if (pending.length === 0) return ok(undefined)
  if (applied.length > 0) {
    keepCopy(sqlite, dataDir, applied.length, file)
    for (const migration of pending) inTransaction(sqlite, () => apply(sqlite, migration))
  } else {
    const newest = given === undefined ? newestTables(migrations) : null
    inTransaction(sqlite, () => {
      sqlite.exec(HISTORY_TABLE)
      if (newest !== null) sqlite.exec(newest)
      for (const migration of pending) (newest === null ? apply : note)(sqlite, migration)
    })
  }
  return ok(undefined)
}

function inTransaction(sqlite: Sqlite, change: () => void): void {
  sqlite.transaction(change).immediate()
}

function apply(sqlite: Sqlite, migration: Migration): void {
  sqlite.exec(migration.sql)
  note(sqlite, migration)
}

function note(sqlite: Sqlite, { version, name, sha256 }: Migration): void {
  sqlite
    .prepare('INSERT INTO migration (version, name, sha256, applied_at) VALUES (?, ?, ?, ?)')
    .run(version, name, sha256, Date.now())
}

const HISTORY_TABLE = `CREATE TABLE migration (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL
) STRICT`

interface HistoryRow {
  name: string
  sha256: string
}

/** The applied migrations, none for an empty database, null for a database that somebody else made. */
function readHistory(sqlite: Sqlite): HistoryRow[] | null {
  const tables = sqlite
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all()
  if (tables.length === 0) return []
  if (!tables.includes('migration')) return null
  return sqlite.prepare<[], HistoryRow>('SELECT name, sha256 FROM migration ORDER BY version').all()
}

function keepCopy(sqlite: Sqlite, dataDir: string, version: number, file: string): void {
  const folder = join(dataDir, 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const prefix = file === 'baton.db' ? '' : `${file.replace(/\.db$/, '')}-`
  const path = join(folder, `${prefix}before-migration-${version + 1}.db`)
  const temporary = `${path}.tmp`
  // Always anew: a copy of an earlier try may be half written, or older than what an older Baton did since.
  rmSync(temporary, { force: true })
  sqlite.prepare('VACUUM INTO ?').run(temporary)
  renameSync(temporary, path)
}
