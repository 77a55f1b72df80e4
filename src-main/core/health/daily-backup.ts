import type { Backup } from '#contract/backup.ts'
import type { Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Refusal } from '../refusal.ts'
import type { Backups } from '../store/backups.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'

/** Makes backups and tells of them (D3): on demand, and every day while a host that stays runs. */
export interface BackupService {
  create(): Promise<Result<Backup, Refusal>>
  /** Begins the daily ones; a second call changes nothing. */
  startDaily(): void
  stop(): void
}

const DAY_MS = 86_400_000

/** When it is looked whether a backup is due, in ms. Starting comes first. */
const RHYTHM = { first_look: 60_000, look_every: 900_000 }

/** Whether it is time for a daily backup; `newest` is null where there is none. */
export function isBackupDue(newest: number | null, now: number): boolean {
  // A clock that was set back must not keep backups away until it has caught up.
  return newest === null || Math.abs(now - newest) >= DAY_MS
}

export function createBackupService(
  store: Store,
  events: EventLog,
  settings: SettingsStore,
  backups: Backups,
  log: Log,
  rhythm = RHYTHM,
): BackupService {
  let timer: NodeJS.Timeout | undefined

  async function create(): Promise<Result<Backup, Refusal>> {
    const made = await backups.create()
    // Not waited for: where the backup failed for want of room, the event has to wait for room too.
    store
      .write((tx) => {
        if (!made.ok) return events.append(tx, 'backup.failed', {}, { reason: made.error.message })
        const { id, bytes, findings } = made.value
        return events.append(tx, 'backup.created', {}, { backup_id: id, bytes, findings: findings.length })
      })
      .catch((cause: unknown) => log.error('A backup could not be told of', { error: String(cause) }))
    return made
  }

  async function look(): Promise<void> {
    if (!settings.settings().backups_daily || !isBackupDue(backups.newestAt(), Date.now())) return
    const made = await create()
    if (!made.ok) log.error('The daily backup failed', { reason: made.error.message })
    else if (made.value.findings.length > 0) {
      log.error('The chains speak against the database', { backup: made.value.id, findings: made.value.findings })
    } else log.info('The daily backup is made', { backup: made.value.id, bytes: made.value.bytes })
  }

  function lookIn(ms: number): void {
    timer = setTimeout(() => {
      look()
        .catch((cause: unknown) => log.error('The daily backup failed', { reason: String(cause) }))
        .finally(() => lookIn(rhythm.look_every))
    }, ms).unref()
  }

  return {
    create,
    startDaily() {
      if (timer === undefined) lookIn(rhythm.first_look)
    },
    stop: () => clearTimeout(timer),
  }
}
