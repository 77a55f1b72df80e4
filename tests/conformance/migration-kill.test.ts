import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { listMigrations, migrate } from '../../src-main/core/store/migrate.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const MIGRATE = new URL('../../src-main/core/store/migrate.ts', import.meta.url).href
const SQLITE = new URL('../../node_modules/better-sqlite3/lib/index.js', import.meta.url).href

/** The last line of a statement; none has a semicolon elsewhere, and a comment may end with one. */
const LAST_LINE = /^(?!\s*--)(.*;)\s*$/gm
/** How many statements each shipped migration has. */
const statements = listMigrations().map(({ sql }) => sql.match(LAST_LINE)?.length ?? 0)

/** Migrates in a process that is killed after so many statements, counted over all migrations. */
function migrateUntilKilled(dataDir: string, after: number): NodeJS.Signals | null {
  const script = join(dataDir, 'migrate.ts')
  writeFileSync(
    script,
    `import Database from ${JSON.stringify(SQLITE)}
const { listMigrations, migrate } = await import(${JSON.stringify(MIGRATE)})
const sqlite = new Database(${JSON.stringify(join(dataDir, 'baton.db'))})
sqlite.pragma('journal_mode = WAL')
let passed = 0
sqlite.function('passed', () => {
  passed += 1
  if (passed === ${after}) process.kill(process.pid, 'SIGKILL')
  return 0
})
// The same migrations with a mark behind each statement; the history names the originals.
const marked = listMigrations().map((migration) => ({ ...migration, sql: migration.sql.replaceAll(${LAST_LINE}, '$1\\nSELECT passed();') }))
const done = migrate(sqlite, ${JSON.stringify(dataDir)}, marked)
if (!done.ok) throw new Error(done.error.message)
`,
  )
  return spawnSync(process.execPath, [script], { stdio: 'ignore' }).signal
}

// A process for each statement: minutes on a busy machine.
test('D2 a migration that is killed after any statement is either done or not begun, and the next start ends it', {
  timeout: 600_000,
}, () => {
  const total = statements.reduce((sum, count) => sum + count, 0)
  expect(total).toBeGreaterThan(30)
  const fresh = new Database(':memory:')
  migrate(fresh, tmpdir())
  const schemaOf = (sqlite: Database.Database): unknown =>
    sqlite.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all()

  for (let after = 1; after <= total; after += 1) {
    const dataDir = mkdtempSync(join(tmpdir(), 'baton-migration-'))
    folders.push(dataDir)
    expect(migrateUntilKilled(dataDir, after)).toBe('SIGKILL')

    const sqlite = new Database(join(dataDir, 'baton.db'))
    const tables = sqlite.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get()
    const history = tables === 0 ? [] : sqlite.prepare('SELECT version FROM migration ORDER BY version').pluck().all()
    // Whole migrations before the one that was killed, and nothing of that one.
    let left = after
    const whole = statements.findIndex((count) => {
      left -= count
      return left <= 0
    })
    expect(history).toEqual(
      listMigrations()
        .slice(0, whole)
        .map(({ version }) => version),
    )
    expect(migrate(sqlite, dataDir)).toEqual({ ok: true, value: undefined })
    expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(schemaOf(sqlite)).toEqual(schemaOf(fresh))
    sqlite.close()
  }
})
