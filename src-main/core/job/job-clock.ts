import { OWN_CORE } from '#contract/job-words.ts'
import type { Log } from '../core.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { type JobChanges, MAX_ATTEMPTS } from './job-changes.ts'

/** Timers of Node cannot be set for longer. */
const LONGEST_MS = 2 ** 31 - 1

/** Ends what takes too long, and takes jobs back from workers that say nothing any more. */
export interface JobClock {
  /** Does what is due, inside a change of others. */
  expire(tx: Tx): void
  /** From now on it is done by itself. */
  begin(): void
  close(): void
}

interface Due {
  id: number
  core_id: string
  timeout_s: number
  deadline_at: number
  attempts: number
  lease_ms: number | null
}

/** `onTimeout` is told, after the commit, of jobs of this core that have taken too long. */
export function createJobClock(store: Store, changes: JobChanges, log: Log, onTimeout: (id: number) => void): JobClock {
  const { sqlite } = store
  const due = sqlite.prepare<{ now: number }, Due>(
    `SELECT id, core_id, timeout_s, deadline_at, attempts, lease_ms FROM job
     WHERE state = 'running' AND (deadline_at <= @now OR lease_expires_at <= @now) ORDER BY id`,
  )
  const next = sqlite
    .prepare<[], number | null>(
      `SELECT min(min(deadline_at, coalesce(lease_expires_at, deadline_at))) FROM job WHERE state = 'running'`,
    )
    .pluck()
  let isOn = false
  let timer: NodeJS.Timeout | undefined

  function expire(tx: Tx): void {
    changes.keepUp(tx)
    const now = Date.now()
    for (const job of due.all({ now })) {
      if (job.deadline_at <= now) {
        changes.end(tx, job.id, 'failed', `It took longer than ${job.timeout_s} s.`)
        if (job.core_id === OWN_CORE) tx.afterCommit(() => onTimeout(job.id))
      } else if (job.attempts < MAX_ATTEMPTS) {
        changes.giveBack(tx, job.id, `${lost(job)} Another worker may take it (${job.attempts} of ${MAX_ATTEMPTS}).`)
      } else {
        changes.end(tx, job.id, 'failed', `${lost(job)} That was attempt ${job.attempts} of ${MAX_ATTEMPTS}.`)
      }
    }
  }

  function schedule(): void {
    clearTimeout(timer)
    if (!isOn) return
    const at = next.get() ?? null
    if (at !== null) timer = setTimeout(tick, Math.min(Math.max(0, at - Date.now()), LONGEST_MS))
  }

  function tick(): void {
    store.write(expire).then(schedule, (cause: unknown) => {
      if (isOn) log.error('Jobs could not be looked after', { error: String(cause) })
    })
  }

  changes.onDeadline(schedule)
  return {
    expire,
    begin() {
      isOn = true
      schedule()
    },
    close() {
      isOn = false
      clearTimeout(timer)
    },
  }
}

function lost({ lease_ms }: Due): string {
  return `Its worker said nothing for ${(lease_ms ?? 0) / 1_000} s.`
}
