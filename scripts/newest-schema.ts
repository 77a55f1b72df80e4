/** Writes `resources/migrations/newest.sql`, after a migration was added: `node scripts/newest-schema.ts`. */

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { listMigrations, migrate, NEWEST_FILE, newestHead } from '#core/store/migrate.ts'

const migrations = listMigrations()
const sqlite = new Database(':memory:')
migrate(sqlite, tmpdir(), migrations)
const own = "sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> 'migration'"
const made = sqlite.prepare<[], string>(`SELECT sql FROM sqlite_schema WHERE ${own} ORDER BY rowid`).pluck().all()
const filled = sqlite
  .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND ${own} ORDER BY rowid`)
  .pluck()
  .all()
  .flatMap((table) =>
    sqlite
      .prepare(`SELECT * FROM "${table}"`)
      .raw()
      .safeIntegers()
      .all()
      .map((row) => `INSERT INTO "${table}" VALUES (${(row as unknown[]).map((value) => literal(value)).join(', ')})`),
  )
const text = [newestHead(migrations), ...[...made, ...filled].map((sql) => `${sql};`), ''].join('\n')
writeFileSync(join(import.meta.dirname, '..', 'resources', 'migrations', NEWEST_FILE), text)

function literal(value: unknown): string {
  return sqlite.prepare<[unknown], string>('SELECT quote(?)').pluck().get(value) ?? 'NULL'
}
