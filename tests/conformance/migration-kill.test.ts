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

/** Brings a database from its first `from` migrations to the newest in a process that is killed after so many statements. */
function migrateUntilKilled(dataDir: string, from: number, after: number): NodeJS.Signals | null {
  const script = join(dataDir, 'migrate.ts')
  writeFileSync(
    script,
    `import Database from ${JSON.stringify(SQLITE)}
const { listMigrations, migrate } = await import(${JSON.stringify(MIGRATE)})
const sqlite = new Database(${JSON.stringify(join(dataDir, 'baton.db'))})
sqlite.pragma('journal_mode = WAL')
function bring(migrations) {
  const done = migrate(sqlite, ${JSON.stringify(dataDir)}, migrations)
  if (!done.ok) throw new Error(done.error.message)
}
const all = listMigrations()
bring(all.slice(0, ${from}))
let passed = 0
sqlite.function('passed', () => {
  passed += 1
  if (passed === ${after}) process.kill(process.pid, 'SIGKILL')
  return 0
})
// The same migrations with a mark behind each statement; the history names the originals.
bring(all.map((migration) => ({ ...migration, sql: migration.sql.replaceAll(${LAST_LINE}, '$1\\nSELECT passed();') })))
`,
  )
  return spawnSync(process.execPath, [script], { stdio: 'ignore' }).signal
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)

function schemaOf(sqlite: Database.Database): unknown {
  return sqlite.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all()
}

/** Kills a migration after so many statements, and looks at what it left and at what the next start makes of that. */
function expectWhole(from: number, after: number, versions: readonly number[]): void {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-migration-'))
  folders.push(dataDir)
  expect(migrateUntilKilled(dataDir, from, after)).toBe('SIGKILL')

  const sqlite = new Database(join(dataDir, 'baton.db'))
  const tables = sqlite.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get()
  const history = tables === 0 ? [] : sqlite.prepare('SELECT version FROM migration ORDER BY version').pluck().all()
  expect(history).toEqual(versions)
  expect(migrate(sqlite, dataDir)).toEqual({ ok: true, value: undefined })
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
  const fresh = new Database(':memory:')
  migrate(fresh, tmpdir())
  expect(schemaOf(sqlite)).toEqual(schemaOf(fresh))
  fresh.close()
  sqlite.close()
}

// A process for each statement: minutes on a busy machine.
test('D2 a migration that is killed after any statement is either done or not begun, and the next start ends it', {
  timeout: 600_000,
}, () => {
  const later = statements.slice(1)
  expect(sum(later)).toBeGreaterThan(30)
  const versions = listMigrations().map(({ version }) => version)
  for (let after = 1; after <= sum(later); after += 1) {
    // Whole migrations before the one that was killed, and nothing of that one.
    let left = after
    const whole = later.findIndex((count) => {
      left -= count
      return left <= 0
    })
    expectWhole(1, after, versions.slice(0, 1 + whole))
  }
})

test('D2 a new database that is killed within any migration has nothing yet, and the next start makes it', {
  timeout: 600_000,
}, () => {
  for (let whole = 1; whole <= statements.length; whole += 1) expectWhole(0, sum(statements.slice(0, whole)), [])
})
