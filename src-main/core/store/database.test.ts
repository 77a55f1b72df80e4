import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, onTestFinished, test } from 'vitest'
import type { Sqlite } from './connection.ts'
import { openDatabase } from './database.ts'
import { listMigrations, migrate, newestTables } from './migrate.ts'
import * as schema from './schema.ts'
import { storeBench, temporaryFolder } from './store-bench.ts'

function opened(folder: string): Sqlite {
  const database = openDatabase(folder)
  if (!database.ok) throw new Error(database.error.message)
  onTestFinished(() => {
    database.value.sqlite.close()
  })
  return database.value.sqlite
}

function refused(folder: string): string {
  const database = openDatabase(folder)
  if (!database.ok) return database.error.message
  database.value.sqlite.close()
  throw new Error('The database was opened.')
}

const tables = (sqlite: Sqlite): string[] =>
  sqlite.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all()

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** A closed database of this Baton, changed by `change`. Answers with its file's hash. */
function prepared(folder: string, change: (sqlite: Sqlite) => void): string {
  const database = openDatabase(folder)
  if (!database.ok) throw new Error(database.error.message)
  change(database.value.sqlite)
  database.value.sqlite.close()
  return sha256(join(folder, 'baton.db'))
}

test('D1 opens in WAL mode, fully synchronous, with foreign keys, in a folder for its owner only', () => {
  const folder = join(temporaryFolder(), 'new', 'data')
  const sqlite = opened(folder)
  expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(sqlite.pragma('synchronous', { simple: true })).toBe(2)
  expect(sqlite.pragma('foreign_keys', { simple: true })).toBe(1)
  expect(sqlite.pragma('busy_timeout', { simple: true })).toBe(5_000)
  if (process.platform !== 'win32') expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('D1 refuses a reference to a row that does not exist', () => {
  const sqlite = opened(temporaryFolder())
  const insert = "INSERT INTO attachment (project_id, name, path, bytes, sha256) VALUES (99, 'a', 'a', 1, '')"
  expect(() => sqlite.exec(insert)).toThrow(/FOREIGN KEY/)
})

test('D1 says what to do where the folder cannot be made', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(refused(join(file, 'data'))).toMatch(/cannot be opened: .+Check that the folder exists/)
})

test('D2 refuses a file that is no database, and leaves it as it is', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'baton.db')
  writeFileSync(path, 'This is a letter, not a database. '.repeat(100))
  const before = sha256(path)
  expect(refused(folder)).toMatch(/not a database/)
  expect(sha256(path)).toBe(before)
})

test('D2 migrates a fresh database with every migration, and opens it again without another', () => {
  const folder = temporaryFolder()
  prepared(folder, (sqlite) => {
    const rows = sqlite.prepare('SELECT version, name, sha256 FROM migration ORDER BY version').all()
    expect(rows).toEqual(listMigrations().map(({ version, name, sha256 }) => ({ version, name, sha256 })))
  })
  const before = sha256(join(folder, 'baton.db'))
  prepared(folder, () => undefined)
  expect(sha256(join(folder, 'baton.db'))).toBe(before)
  expect(existsSync(join(folder, 'backups'))).toBe(false)
})

test('D2 numbers the shipped migrations from 1 without a gap', () => {
  expect(listMigrations().map(({ version }) => version)).toEqual(listMigrations().map((_, index) => index + 1))
})

test('D2 refuses a database of a newer Baton and leaves it byte for byte', () => {
  const folder = temporaryFolder()
  const before = prepared(folder, (sqlite) => {
    sqlite.exec("INSERT INTO migration (version, name, sha256, applied_at) VALUES (9999, '9999-future.sql', 'x', 1)")
  })
  expect(refused(folder)).toMatch(/newer Baton/)
  expect(sha256(join(folder, 'baton.db'))).toBe(before)
})

test('D2 refuses a database with another history and leaves it byte for byte', () => {
  const folder = temporaryFolder()
  const before = prepared(folder, (sqlite) => {
    sqlite.exec("UPDATE migration SET sha256 = 'other' WHERE version = 1")
  })
  expect(refused(folder)).toMatch(/another history.*0001-foundation\.sql/)
  expect(sha256(join(folder, 'baton.db'))).toBe(before)
})

test('D2 refuses a database that somebody else made and leaves it byte for byte', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'baton.db')
  const other = new Database(path)
  other.exec('CREATE TABLE recipe (name TEXT)')
  other.close()
  const before = sha256(path)
  expect(refused(folder)).toMatch(/is not Baton's/)
  expect(sha256(path)).toBe(before)
})

test('D2 keeps a copy before it migrates an existing database, anew at each try', () => {
  const folder = temporaryFolder()
  const sqlite = opened(folder)
  const shipped = listMigrations()
  const version = shipped.length + 1
  const broken = { version, name: 'broken.sql', sha256: 'b', sql: 'CREATE TABLE half (x); SELECT nonsense;' }
  const good = { version, name: 'good.sql', sha256: 'g', sql: 'CREATE TABLE whole (x INTEGER);' }
  const copy = join(folder, 'backups', `before-migration-${version}.db`)
  sqlite.exec("INSERT INTO meta (key, value) VALUES ('mark', 'first')")

  expect(() => migrate(sqlite, folder, [...shipped, broken])).toThrow(/nonsense/)
  expect(tables(sqlite)).not.toContain('half')
  expect(markIn(copy)).toBe('first')

  sqlite.exec("UPDATE meta SET value = 'second' WHERE key = 'mark'")
  writeFileSync(`${copy}.tmp`, 'half a copy of a process that died')
  expect(migrate(sqlite, folder, [...shipped, good]).ok).toBe(true)
  expect(tables(sqlite)).toContain('whole')
  expect(markIn(copy)).toBe('second')
})

function markIn(path: string): unknown {
  const copy = new Database(path, { readonly: true })
  try {
    expect(tables(copy)).not.toContain('whole')
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
    return copy.prepare("SELECT value FROM meta WHERE key = 'mark'").pluck().get()
  } finally {
    copy.close()
  }
}

test('D2 rolls a migration that fails back whole, keeps those before it, and goes on from there', () => {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const sqlite = new Database(join(folder, 'own.db'))
  onTestFinished(() => {
    sqlite.close()
  })
  const first = { version: 1, name: '0001-a.sql', sha256: 'a', sql: 'CREATE TABLE a (x INTEGER);' }
  const second = { version: 2, name: '0002-b.sql', sha256: 'b', sql: 'CREATE TABLE b (x INTEGER);' }
  const third = {
    version: 3,
    name: '0003-c.sql',
    sha256: 'c',
    sql: 'CREATE TABLE c (x INTEGER); INSERT INTO a VALUES (1); INSERT INTO missing VALUES (1);',
  }
  expect(migrate(sqlite, folder, [first]).ok).toBe(true)
  expect(() => migrate(sqlite, folder, [first, second, third])).toThrow(/missing/)
  expect(tables(sqlite)).toEqual(['a', 'b', 'migration'])
  expect(sqlite.prepare('SELECT count(*) FROM a').pluck().get()).toBe(0)
  expect(sqlite.prepare('SELECT max(version) FROM migration').pluck().get()).toBe(2)

  expect(migrate(sqlite, folder, [first, second, { ...third, sql: 'CREATE TABLE c (x INTEGER);' }]).ok).toBe(true)
  expect(tables(sqlite)).toEqual(['a', 'b', 'c', 'migration'])
})

test('D2 gives a new database at once what all migrations make one after the other', () => {
  const shipped = listMigrations()
  // After a migration was added: node scripts/newest-schema.ts
  expect(newestTables(shipped)).not.toBeNull()
  expect(newestTables(shipped.slice(1))).toBeNull()
  const atOnce = new Database(':memory:')
  const oneByOne = new Database(':memory:')
  onTestFinished(() => {
    atOnce.close()
    oneByOne.close()
  })
  expect(migrate(atOnce, temporaryFolder()).ok).toBe(true)
  expect(migrate(oneByOne, temporaryFolder(), shipped).ok).toBe(true)
  const content = (sqlite: Database.Database): object => ({
    schema: sqlite.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all(),
    history: sqlite.prepare('SELECT version, name, sha256 FROM migration ORDER BY version').all(),
    rows: tables(sqlite)
      .filter((name) => name !== 'migration')
      .map((name) => [name, sqlite.prepare(`SELECT * FROM "${name}"`).all()]),
  })
  expect(content(atOnce)).toEqual(content(oneByOne))
})

test('D2 leaves a new database empty where one of its migrations fails', () => {
  const sqlite = new Database(':memory:')
  onTestFinished(() => {
    sqlite.close()
  })
  const first = { version: 1, name: '0001-a.sql', sha256: 'a', sql: 'CREATE TABLE a (x INTEGER);' }
  const second = { version: 2, name: '0002-b.sql', sha256: 'b', sql: 'INSERT INTO missing VALUES (1);' }
  expect(() => migrate(sqlite, temporaryFolder(), [first, second])).toThrow(/missing/)
  expect(tables(sqlite)).toEqual([])
})

interface Column {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
}

/** Tables that their one owner reads and writes in SQL, so that TypeScript need not know them. */
const SQL_ONLY = ['lease', 'lease_stats', 'lease_token', 'route_outcome']

test('D2 the tables as TypeScript sees them are those of the migrations, both ways', () => {
  const { store } = storeBench()
  const typed = Object.values<unknown>(schema)
    .filter((value): value is SQLiteTable => is(value, SQLiteTable))
    .map(getTableConfig)
  const own = ['migration', ...SQL_ONLY]
  expect(typed.map((table) => table.name).toSorted()).toEqual(
    tables(store.sqlite).filter((name) => !own.includes(name) && !name.startsWith('sqlite_')),
  )
  for (const table of typed) {
    const columns = store.sqlite.prepare<[string], Column>('SELECT * FROM pragma_table_info(?)').all(table.name)
    const compound = new Set(table.primaryKeys.flatMap((key) => key.columns.map((column) => column.name)))
    const seen = table.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      not_null: column.notNull || column.primary || compound.has(column.name),
      default: column.hasDefault && !column.primary ? literal(column.mapToDriverValue(column.default)) : null,
      key: column.primary || compound.has(column.name),
    }))
    const real = columns.map((column) => ({
      name: column.name,
      type: column.type,
      not_null: column.notnull === 1 || column.pk > 0,
      default: column.dflt_value,
      key: column.pk > 0,
    }))
    expect({ table: table.name, columns: seen.toSorted(byName) }).toEqual({
      table: table.name,
      columns: real.toSorted(byName),
    })
  }
})

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}

/** A default as SQLite writes it down. */
function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
