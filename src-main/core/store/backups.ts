import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Backup, BackupCheck } from '#contract/backup.ts'
import { ok, type Result } from '#contract/result.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { DATABASE } from './backup-content.ts'
import { backupIds, backupsFolder, backupTime, describeBackup, newBackupId } from './backup-folder.ts'
import { inBackupThread } from './backup-thread.ts'
import { readHeads } from './chain-heads.ts'
import { syncFolder } from './durable-file.ts'
import { createFlushAlong } from './flush-along.ts'
import type { SettingsStore } from './settings-store.ts'
import type { Store } from './store.ts'

export interface BackupParts {
  readonly data_dir: string
  readonly version: string
  readonly store: Store
  readonly settings: SettingsStore
}

/** Copies of the living database in `backups/` (D3). */
export interface Backups {
  /** Newest first. */
  list(): Backup[]
  /** Makes one while everything goes on; a call during another's work gets that one's outcome. */
  create(): Promise<Result<Backup, Refusal>>
  /** Looks whether one could be restored. */
  verify(id: string): Promise<Result<BackupCheck, Refusal>>
  /** When the newest was begun; null where there is none. */
  newestAt(): number | null
  /** Gives up what is under way. */
  close(): Promise<void>
}

/** Pages of 4 KiB per turn of the loop: 1 MB, a few ms. */
const PAGES_PER_TURN = 256
/** 16 MB. The last turn holds everybody up until all is on the disk, so all but its own pages is there before. */
const PAGES_PER_FLUSH = 4_096
const DRAFT = '.draft'

export function createBackups({ data_dir, version, store, settings }: BackupParts): Backups {
  const folder = backupsFolder(data_dir)
  const closing = new AbortController()
  let underWay: Promise<Result<Backup, Refusal>> | null = null

  async function copyDatabase(path: string): Promise<void> {
    const flush = createFlushAlong(path)
    let flushed = 0
    try {
      await store.sqlite.backup(path, {
        progress: ({ totalPages, remainingPages }) => {
          closing.signal.throwIfAborted()
          const copied = totalPages - remainingPages
          const isLast = remainingPages <= PAGES_PER_TURN
          if (copied - flushed >= (isLast ? 1 : PAGES_PER_FLUSH) && !flush.isUnderWay()) {
            flush.begin()
            flushed = copied
          }
          return isLast && flush.isUnderWay() ? 0 : PAGES_PER_TURN
        },
      })
    } finally {
      await flush.end()
    }
  }

  async function make(): Promise<Result<Backup, Refusal>> {
    const created_at = Date.now()
    const id = newBackupId(created_at)
    const draft = join(folder, `${id}${DRAFT}`)
    try {
      mkdirSync(draft, { recursive: true, mode: 0o700 })
      const heads = readHeads(data_dir)
      await copyDatabase(join(draft, DATABASE))
      const newest = backupIds(data_dir)[0]
      const previous = newest === undefined ? null : join(folder, newest)
      const unfinished = { data_dir, folder: draft, previous, id, created_at, version, heads }
      const finished = await inBackupThread('finish', unfinished, closing.signal)
      if (!finished.ok) return refuse('unavailable', `The backup could not be made. ${finished.error}`)
      const [problem] = finished.value.problems
      if (problem !== undefined) return refuse('unavailable', problem)
      renameSync(draft, join(folder, id))
      syncFolder(folder)
      // What speaks against the database now may be right in an older backup: then none is given up.
      if (describeBackup(data_dir, id).findings.length === 0) prune()
    } catch (fault) {
      const why = closing.signal.aborted ? 'Baton was ended in the middle' : (fault as Error).message
      return refuse(
        'unavailable',
        `The backup could not be made: ${why}. Check that ${folder} is writable and has free space, and try again.`,
      )
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
    return ok(describeBackup(data_dir, id))
  }

  function prune(): void {
    for (const id of backupIds(data_dir).slice(settings.settings().backups_kept)) {
      // By its new name a half deleted one is not taken for a damaged one.
      renameSync(join(folder, id), join(folder, `${id}${DRAFT}`))
    }
    for (const name of readdirSync(folder)) {
      // Of a process that died; there is one core per folder, and it makes one at a time.
      if (name.endsWith(DRAFT)) rmSync(join(folder, name), { recursive: true, force: true })
    }
  }

  return {
    list: () => backupIds(data_dir).map((id) => describeBackup(data_dir, id)),
    create() {
      underWay ??= make().finally(() => {
        underWay = null
      })
      return underWay
    },
    async verify(id) {
      if (!backupIds(data_dir).includes(id)) return refuse('not_found', `There is no backup ${id}.`)
      const checked = await inBackupThread('check', join(folder, id), closing.signal)
      if (!checked.ok) return refuse('unavailable', `The backup ${id} could not be looked at. ${checked.error}`)
      return ok({ id, problems: checked.value.problems })
    },
    newestAt() {
      const [newest] = backupIds(data_dir)
      return newest === undefined ? null : backupTime(newest)
    },
    async close() {
      closing.abort()
      await underWay
    },
  }
}
