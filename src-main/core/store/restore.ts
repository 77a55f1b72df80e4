import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { ok, type Result } from '#contract/result.ts'
import { createEventLog } from '../event/event-log.ts'
import type { RestoreFailpoint } from '../failpoint.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { backupProblems, copyBlob, DATABASE, nameOf } from './backup-content.ts'
import { backupIds, backupsFolder } from './backup-folder.ts'
import { type Manifest, readManifest } from './backup-manifest.ts'
import { headsOf, writeHeads } from './chain-heads.ts'
import { syncFile, syncFolder } from './durable-file.ts'
import { hashFile } from './integrity.ts'
import { listMigrations } from './migrate.ts'
import { asideFolder, completeSwap, draftFolder, swapIn } from './restore-swap.ts'
import { openStore } from './store.ts'

/** What a restore did. */
export interface RestoreReport {
  readonly backup_id: string
  readonly created_at: number
  /** Where the replaced database is kept. */
  readonly replaced: string
  /** Paid calls that were open in the backup: the next start books them in full, flagged. */
  readonly open_reservations: number
  /** Large texts that were missing or damaged and were put back. */
  readonly texts_restored: number
  /** Whether new ids go on after the replaced database's; false where it could not be read. */
  readonly ids_go_on: boolean
}

/**
 * Puts a backup in the place of the living database (D3). The caller holds the data folder's lock, so no core lives on it.
 * Everything is prepared and checked in a draft first; then the swap is decided and done (`restore-swap.ts`). The history
 * of events gets a new name, so that no reader resumes into it.
 */
export async function restoreBackup(
  dataDir: string,
  id: string,
  failpoint: RestoreFailpoint = () => undefined,
): Promise<Result<RestoreReport, Refusal>> {
  const earlier = completeSwap(dataDir, failpoint)
  if (!earlier.ok) return earlier
  const found = readWhole(dataDir, id)
  if (!found.ok) return found
  const { manifest, folder } = found.value

  const draft = draftFolder(dataDir)
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  for (const { path } of manifest.files.filter((file) => !isBlob(file.path))) {
    copyFileSync(join(folder, path), join(draft, path))
    syncFile(join(draft, path))
  }
  failpoint('restore-copied')
  const highest = highestKeys(dataDir)
  const prepared = await prepare(draft, id, highest)
  if (!prepared.ok) {
    rmSync(draft, { recursive: true, force: true })
    return prepared
  }
  // The living folder may have them already; they are never changed, so this harms nobody.
  const texts_restored = manifest.files.filter(({ path }) => isBlob(path) && putBack(folder, dataDir, path)).length
  syncFolder(draft)
  failpoint('restore-prepared')

  const plan = { v: 1 as const, backup_id: id, aside: `replaced-${new Date().toISOString().replace(/[:.]/g, '-')}` }
  swapIn(dataDir, plan, failpoint)
  return ok({
    backup_id: id,
    created_at: manifest.created_at,
    replaced: asideFolder(dataDir, plan),
    open_reservations: prepared.value,
    texts_restored,
    ids_go_on: highest !== null,
  })
}

function readWhole(dataDir: string, id: string): Result<{ manifest: Manifest; folder: string }, Refusal> {
  const ids = backupIds(dataDir)
  if (!ids.includes(id)) {
    const there = ids.length === 0 ? 'There is none yet.' : `There are: ${ids.join(', ')}.`
    return refuse('not_found', `There is no backup ${id} in ${backupsFolder(dataDir)}. ${there}`)
  }
  const folder = join(backupsFolder(dataDir), id)
  const manifest = readManifest(folder)
  const known = listMigrations().length
  if (manifest.ok && manifest.value.schema_version > known) {
    return refuse(
      'conflict',
      `The backup ${id} was made by a newer Baton (version ${manifest.value.schema_version} of its tables, this one knows ${known}). Nothing was changed. Restore it with the newer Baton.`,
    )
  }
  const problems = manifest.ok ? backupProblems(folder) : [manifest.error]
  if (!manifest.ok || problems.length > 0) {
    return refuse(
      'conflict',
      `The backup ${id} is not whole: ${problems.join(' ')} Nothing was changed. Restore another one.`,
    )
  }
  return ok({ manifest: manifest.value, folder })
}

interface HighestKeys {
  readonly tables: readonly { readonly name: string; readonly seq: number }[]
  readonly lease_token: number
}

/** The highest keys that the living database ever gave out; null where it cannot be read. */
function highestKeys(dataDir: string): HighestKeys | null {
  if (!existsSync(join(dataDir, DATABASE))) return null
  try {
    const living = new Database(join(dataDir, DATABASE), { readonly: true })
    try {
      return {
        tables: living.prepare<[], { name: string; seq: number }>('SELECT name, seq FROM sqlite_sequence').all(),
        lease_token: living.prepare<[], number>('SELECT last FROM lease_token').pluck().get() ?? 0,
      }
    } finally {
      living.close()
    }
  } catch {
    // Damaged is what a restore is for; the report says what this costs.
    return null
  }
}

/**
 * Makes a copied database the beginning of a new history. Calls that were about to be sent when the backup was made, or were
 * collected for a batch, may have been sent since, so their money counts as sent, and the next start settles it as unknown;
 * what was in a batch already is found there. Keys go on after those of the replaced database, so that no id and no folder of
 * a project ever means two things. Answers the number of open calls.
 */
async function prepare(draft: string, backupId: string, highest: HighestKeys | null): Promise<Result<number, Refusal>> {
  const opened = openStore(draft, () => undefined)
  if (!opened.ok) return opened
  const store = opened.value
  const { sqlite } = store
  const epoch = randomBytes(4).toString('hex')
  const events = createEventLog(store)
  const raise = sqlite.prepare('UPDATE sqlite_sequence SET seq = max(seq, @seq) WHERE name = @name')
  const begin = sqlite.prepare(
    `INSERT INTO sqlite_sequence (name, seq) SELECT @name, @seq
     WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = @name)`,
  )
  try {
    const open = await store.write((tx) => {
      for (const row of highest?.tables ?? []) if (raise.run(row).changes === 0) begin.run(row)
      sqlite.prepare('UPDATE lease_token SET last = max(last, ?)').run(highest?.lease_token ?? 0)
      sqlite.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(epoch)
      const now = Date.now()
      sqlite.prepare("UPDATE reservation SET state = 'sent', sent_at = ? WHERE state = 'reserved'").run(now)
      sqlite.prepare("UPDATE batch_request SET state = 'returned', ended_at = ? WHERE state = 'collecting'").run(now)
      events.append(tx, 'backup.restored', {}, { backup_id: backupId })
      const lost = sqlite.prepare<[], number>(
        `SELECT count(*) FROM reservation WHERE state = 'sent'
           AND id NOT IN (SELECT reservation_id FROM batch_request WHERE state = 'sent')`,
      )
      return lost.pluck().get() ?? 0
    })
    return ok(open)
  } finally {
    store.close()
    sealDraft(draft, epoch)
  }
}

/** One plain file, and the heads of the new history beside it. */
function sealDraft(draft: string, epoch: string): void {
  const database = new Database(join(draft, DATABASE))
  try {
    database.pragma('journal_mode = DELETE')
    writeHeads(draft, headsOf(database, epoch))
  } finally {
    database.close()
  }
  syncFile(join(draft, DATABASE))
}

function isBlob(path: string): boolean {
  return path.startsWith('blobs/')
}

/** Puts a large text back where it is missing or damaged; answers whether it was. */
function putBack(folder: string, dataDir: string, path: string): boolean {
  const living = join(dataDir, path)
  if (existsSync(living) && hashFile(living).sha256 === nameOf(path)) return false
  mkdirSync(dirname(living), { recursive: true, mode: 0o700 })
  copyBlob(join(folder, path), `${living}.restored.tmp`)
  renameSync(`${living}.restored.tmp`, living)
  syncFolder(dirname(living))
  return true
}
