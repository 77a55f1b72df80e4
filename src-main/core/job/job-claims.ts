import { encodeId } from '#contract/ids.ts'
import type { ClaimedJob, ClaimJob } from '#contract/job.ts'
import { OWN_CORE } from '#contract/job-words.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { NoJob } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { JobRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { JobChanges } from './job-changes.ts'
import type { JobClock } from './job-clock.ts'
import type { JobHolds } from './job-holds.ts'
import type { JobView } from './job-view.ts'

export interface JobClaims {
  claim(
    wanted: ClaimJob & { readonly worker: string },
    owner: string | null,
    signal?: AbortSignal,
  ): Promise<Result<ClaimedJob | NoJob, Refusal>>
  /** Everybody who waits goes without a job. */
  close(): void
}

interface Queue {
  readonly off: string
  readonly core_id: string
  readonly owner: string | null
}

/** Hands jobs to outside workers: each to one, the first in the queue first, at once or when one comes. */
export function createJobClaims(
  store: Store,
  changes: JobChanges,
  clock: JobClock,
  view: Pick<JobView, 'ofRow'>,
  holds: JobHolds,
): JobClaims {
  const { sqlite } = store
  const first = sqlite
    .prepare<Queue, number>(
      `SELECT id FROM job WHERE state = 'queued' AND core_id = @core_id AND (@owner IS NULL OR owner = @owner)
         AND owner NOT IN (SELECT value FROM json_each(@off))
       ORDER BY order_at, id LIMIT 1`,
    )
    .pluck()
  // The session goes on where the worker's last job for the same owner was to stay.
  const session = sqlite
    .prepare<{ id: number; core_id: string; worker: string }, number | null>(
      `SELECT CASE WHEN p.stay THEN p.session END FROM job p JOIN job j ON j.id = @id
       WHERE p.core_id = @core_id AND p.worker = @worker AND p.owner = j.owner AND p.id <> j.id
       ORDER BY p.started_at DESC, p.id DESC LIMIT 1`,
    )
    .pluck()
  const waiting = new Set<{ readonly core_id: string; readonly wake: () => void }>()
  let isClosed = false

  // All of them look; whoever looks first has it. The others have cost one question of an index.
  changes.onChange((coreId) => {
    for (const one of waiting) if (one.core_id === coreId) one.wake()
  })

  holds.onChange(() => {
    for (const one of [...waiting]) one.wake()
  })

  const next = (core_id: string, owner: string | null, off: string): number | undefined =>
    holds.ofAll() === null ? first.get({ core_id, owner, off }) : undefined

  /** Until something of the core has moved, or `ms` have gone by, or nobody waits any more. */
  function moved(core_id: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        waiting.delete(one)
        resolve()
      }
      const one = { core_id, wake: done }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
      waiting.add(one)
    })
  }

  function take(
    { coreId: core_id, worker, lease_s }: ClaimJob & { readonly worker: string },
    owner: string | null,
  ): Promise<JobRow | null> {
    return store.tryWrite((tx) => {
      clock.expire(tx)
      const id = next(core_id, owner, holds.ownersIn(tx))
      if (id === undefined) return null
      return changes.begin(tx, id, {
        worker,
        lease_ms: lease_s * 1_000,
        session: session.get({ id, core_id, worker }) ?? null,
      })
    })
  }

  const none = (): NoJob => ({ job: null, reason: holds.ofAll() ?? '' })

  function claimed(row: JobRow, lease_s: number): ClaimedJob {
    const { token, lease_expires_at } = row
    const task_id = encodeId('job', row.id)
    const lease = { task_id, token, lease_s, expires_at: toTimestamp(lease_expires_at ?? 0) }
    return { job: view.ofRow(row), lease, session_id: encodeId('job_session', row.session ?? row.id) }
  }

  return {
    async claim(wanted, owner, signal = new AbortController().signal) {
      const { coreId: core_id, wait_s, lease_s } = wanted
      if (core_id === OWN_CORE) {
        return refuse('conflict', `Jobs of "${OWN_CORE}" are carried out by Baton itself. Claim those of another core.`)
      }
      const until = Date.now() + wait_s * 1_000
      for (;;) {
        if (isGone(signal) || isClosed) return ok(none())
        if (next(core_id, owner, holds.owners()) !== undefined) {
          const row = await take(wanted, owner)
          // Somebody else was faster; but there may be another job by now.
          if (row === null) continue
          if (!isGone(signal)) return ok(claimed(row, lease_s))
          // Nobody was told of it.
          await store.write((tx) => changes.giveBack(tx, row.id, '', true))
          return ok(none())
        }
        const left = until - Date.now()
        if (left <= 0) return ok(none())
        await moved(core_id, left, signal)
      }
    },
    close() {
      isClosed = true
      for (const one of [...waiting]) one.wake()
    },
  }
}

/** Asked anew each time: it changes while something is awaited. */
function isGone(signal: AbortSignal): boolean {
  return signal.aborted
}
