import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { backupIds, backupTime, describeBackup } from '#core/store/backup-folder.ts'
import { isOlderThanChains } from '#core/store/chain.ts'
import { headsPath, readHeads } from '#core/store/chain-heads.ts'
import { verifyChains } from '#core/store/chain-verify.ts'
import { integrityOf } from '#core/store/integrity.ts'
import { listMigrations } from '#core/store/migrate.ts'
import { isSwapOpen } from '#core/store/restore-swap.ts'
import type { Finding } from './finding.ts'

/** Looks at the database of a data folder and its backups (D2, D3, D5), without changing anything. */
export async function checkStorage(folder: string): Promise<Finding[]> {
  if (isSwapOpen(folder)) {
    const detail = 'a restore was interrupted; the next start of Baton ends it'
    return [{ name: 'Restore', state: 'warn', detail }, checkBackups(folder)]
  }
  return [...(await checkDatabase(folder)), checkBackups(folder)]
}

async function checkDatabase(folder: string): Promise<Finding[]> {
  const name = 'Database'
  const file = join(folder, 'baton.db')
  if (!existsSync(file)) return [{ name, state: 'ok', detail: 'none yet' }]
  try {
    const { default: Database } = await import('better-sqlite3')
    // Before the database is looked at, which may grow meanwhile: it must contain them.
    const heads = readHeads(folder)
    const database = new Database(file, { readonly: true })
    try {
      const damage = integrityOf(database)
      if (damage.length > 0) {
        const detail = `${file} is damaged: ${damage.join('; ')}. Restore a backup: baton backup --list`
        return [{ name, state: 'bad', detail }]
      }
      const whole: Finding = { name, state: 'ok', detail: 'whole' }
      return [whole, checkMigrations(database), checkChains(database, folder, heads)]
    } finally {
      database.close()
    }
  } catch (fault) {
    return [{ name, state: 'bad', detail: `${file} cannot be read: ${(fault as Error).message}` }]
  }
}

function checkMigrations(database: Database): Finding {
  const name = 'Tables'
  const known = listMigrations()
  const hasHistory = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migration'").get() !== undefined
  if (!hasHistory) return { name, state: 'bad', detail: "the database is not Baton's: it has no migration history" }
  const applied = database.prepare<[], string>('SELECT sha256 FROM migration ORDER BY version').pluck().all()
  if (applied.length > known.length) {
    const detail = `version ${applied.length} of a newer Baton; this one knows ${known.length}. Start the newer one.`
    return { name, state: 'bad', detail }
  }
  if (applied.some((sha256, index) => sha256 !== known[index]?.sha256)) {
    return { name, state: 'bad', detail: 'another history than this Baton. Restore a backup, or use another folder.' }
  }
  const pending = known.length - applied.length
  if (pending === 0) return { name, state: 'ok', detail: `version ${applied.length}` }
  return { name, state: 'ok', detail: `version ${applied.length}; the next start brings ${known.length}` }
}

function checkChains(database: Database, folder: string, heads: ReturnType<typeof readHeads>): Finding {
  const name = 'Chains'
  if (isOlderThanChains(database)) {
    return { name, state: 'ok', detail: 'not begun; the next start begins them' }
  }
  const { changes, findings } = verifyChains(database, heads.ok ? heads.value : null)
  const said = heads.ok ? findings : [heads.error, ...findings]
  if (said.length > 0) {
    const rest = said.length > 1 ? ` (and ${said.length - 1} more)` : ''
    return {
      name,
      state: 'bad',
      detail: `${said[0]}${rest} Restore a backup; if you replaced the database yourself, delete ${headsPath(folder)}.`,
    }
  }
  if (heads.ok && heads.value === null) {
    return {
      name,
      state: 'warn',
      detail: `${changes} changes link; ${headsPath(folder)} is missing, so a cut end would not show`,
    }
  }
  return { name, state: 'ok', detail: `${changes} changes link` }
}

const STALE_MS = 3 * 86_400_000

function checkBackups(folder: string): Finding {
  const name = 'Backups'
  const ids = backupIds(folder)
  const [newest] = ids
  if (newest === undefined) return { name, state: 'warn', detail: 'none yet; make one: baton backup' }
  const age = Date.now() - backupTime(newest)
  const told = `${ids.length}, the newest ${newest}`
  const { findings } = describeBackup(folder, newest)
  if (findings.length > 0) return { name, state: 'bad', detail: `${told}: ${findings[0]}` }
  return age > STALE_MS
    ? { name, state: 'warn', detail: `${told}, more than three days ago; make one: baton backup` }
    : { name, state: 'ok', detail: told }
}
