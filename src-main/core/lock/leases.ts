import { err, ok, type Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint } from '../failpoint.ts'
import { type ClockWatch, createClockWatch } from '../process/clock-watch.ts'
import { processStart } from '../process/process-start.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { LeaseStats } from './lease-stats.ts'
import type { LeaseRow, LeaseStore } from './lease-store.ts'

/** What is asked for. `process`: whose life the lease depends on. */
export interface LeaseRequest {
  readonly resource: string
  readonly owner: string
  readonly purpose: string
  readonly process: ProcessIdentity | null
  /** Who asks over the port; absent: Baton itself, or the owner of the data folder. */
  readonly user?: string | null
  readonly project_id?: number | null
  readonly run_id?: number | null
  readonly priority: number
  /** Null: held until it is released or its process dies. */
  readonly ttl_ms: number | null
  readonly capacity: number
}

/** One process for good: pids are used again, their start times are not. */
export interface ProcessIdentity {
  readonly pid: number
  readonly started: string | null
}

export interface LeaseDenied {
  readonly kind: 'held' | 'timeout' | 'capacity' | 'not_owner' | 'not_held'
  readonly message: string
  /** Who has it, where somebody does. */
  readonly holders: readonly LeaseRow[]
}

/**
 * Leases on resources (L1): exclusive or counted, with an owner, an expiry and a fencing token. Requests queue by priority
 * with ageing; a lease ends by its release, its expiry, or the death of its process.
 */
export interface Leases {
  /** Inside a change of others: grants at once or not at all. */
  tryAcquire(tx: Tx, request: LeaseRequest): Result<LeaseRow, LeaseDenied>
  /** Waits up to `wait_ms` in the queue, or until `signal` says that nobody waits for the answer any more. */
  acquire(request: LeaseRequest, wait_ms: number, signal?: AbortSignal): Promise<Result<LeaseRow, LeaseDenied>>
  release(id: number, owner: string): Promise<Result<void, LeaseDenied>>
  /** Inside a change of others: ends every lease of a run. */
  releaseRun(tx: Tx, runId: number): void
  /** Prolongs from now. Refused where it has expired meanwhile: the holder must stop using the resource. */
  extend(id: number, owner: string, ttl_ms: number): Promise<Result<LeaseRow, LeaseDenied>>
  list(): LeaseRow[]
  /** Ends leases of dead processes and expired ones; at start, and by itself when one expires. */
  sweep(): Promise<void>
  close(): void
}

/** Each priority level is worth this much waiting, so the lowest still gets its turn. */
const PRIORITY_STEP_MS = 10_000
/** A wait that passes this is told to the user (L3). */
const SLOW_MS = 30_000
const MAX_TIMER_MS = 2_147_000_000

interface Waiter {
  resolve(result: Result<LeaseRow, LeaseDenied>): void
  timer: NodeJS.Timeout
  slow: NodeJS.Timeout
}

export function createLeases(
  store: Store,
  rows: LeaseStore,
  stats: LeaseStats,
  events: EventLog,
  log: Log,
  failpoint: Failpoint = () => undefined,
  clock: ClockWatch = createClockWatch(),
): Leases {
  const waiters = new Map<number, Waiter>()
  let expiry: NodeJS.Timeout | undefined
  let closed = false

  const subject = (row: Pick<LeaseRow, 'project_id' | 'run_id'>) => ({ project_id: row.project_id, run_id: row.run_id })

  /** Before any moment is written or compared. */
  function keepUp(tx: Tx): void {
    const back = clock.setBack()
    if (back > 0) rows.bringForward(tx, back)
  }

  /** Gives free places of a resource to who waits first. */
  function grantNext(tx: Tx, resource: string): void {
    const all = rows.ofResource(resource)
    const capacity = all[0]?.capacity ?? 0
    let free = capacity - all.filter((row) => row.token !== null).length
    const queue = all.filter((row) => row.token === null).sort((a, b) => queueKey(a) - queueKey(b) || a.id - b.id)
    for (const row of queue) {
      if (free <= 0) return
      free -= 1
      grant(tx, row, true)
    }
  }

  function grant(tx: Tx, request: LeaseRow, queued: boolean): LeaseRow {
    const at = Date.now()
    const lease = rows.grant(tx, request.id, at)
    failpoint('after-lease-granted')
    stats.granted(lease.resource, queued ? Math.max(0, at - lease.requested_at) : null)
    events.append(tx, 'lock.granted', subject(lease), {
      resource: lease.resource,
      owner: lease.owner,
      token: lease.token ?? 0,
    })
    tx.afterCommit(() => {
      schedule()
      settle(lease.id, ok(lease))
    })
    return lease
  }

  function settle(id: number, result: Result<LeaseRow, LeaseDenied>): void {
    const waiter = waiters.get(id)
    if (waiter === undefined) return
    waiters.delete(id)
    clearTimeout(waiter.timer)
    clearTimeout(waiter.slow)
    waiter.resolve(result)
  }

  function end(tx: Tx, lease: LeaseRow, why: 'released' | 'expired' | 'dead'): void {
    rows.remove(tx, lease.id)
    failpoint('after-lease-ended')
    if (why === 'expired') stats.count(lease.resource, 'expired')
    if (lease.token !== null) {
      events.append(tx, 'lock.ended', subject(lease), { resource: lease.resource, owner: lease.owner, why })
    }
    grantNext(tx, lease.resource)
  }

  function request(tx: Tx, wanted: LeaseRequest): Result<LeaseRow, LeaseDenied> {
    keepUp(tx)
    const there = rows.ofResource(wanted.resource)
    const capacity = there[0]?.capacity ?? wanted.capacity
    if (capacity !== wanted.capacity) {
      return denied(
        'capacity',
        there,
        `${wanted.resource} is shared by ${capacity} at the moment, not by ${wanted.capacity}.`,
      )
    }
    const held = there.filter((row) => row.token !== null)
    const id = rows.insert(tx, {
      resource: wanted.resource,
      capacity,
      owner: wanted.owner,
      owner_pid: wanted.process?.pid ?? null,
      owner_started: wanted.process?.started ?? null,
      user: wanted.user ?? null,
      purpose: wanted.purpose,
      project_id: wanted.project_id ?? null,
      run_id: wanted.run_id ?? null,
      priority: wanted.priority,
      ttl_ms: wanted.ttl_ms,
      requested_at: Date.now(),
    })
    const row = rows.get(id)
    if (row === undefined) throw new Error('A row that was just inserted is gone')
    // Who comes now does not overtake who waits already.
    return held.length < capacity && held.length === there.length ? ok(grant(tx, row, false)) : ok(row)
  }

  function schedule(): void {
    clearTimeout(expiry)
    const at = closed ? null : rows.nextExpiry()
    if (at === null) return
    expiry = setTimeout(
      () => {
        sweep().catch((cause: unknown) => log.error('Expired locks could not be ended', { error: String(cause) }))
      },
      Math.min(Math.max(0, at - Date.now()), MAX_TIMER_MS),
    )
    expiry.unref()
  }

  async function sweep(): Promise<void> {
    if (closed) return
    await store.write((tx) => {
      keepUp(tx)
      for (const lease of rows.expired(Date.now())) end(tx, lease, 'expired')
      for (const lease of rows.all()) if (isDead(lease)) end(tx, lease, 'dead')
    })
    schedule()
  }

  function giveUp(id: number, resource: string, why: 'timeout' | 'gone'): void {
    store
      .write((tx) => {
        if (rows.get(id)?.token !== null) return
        rows.remove(tx, id)
        if (why === 'timeout') stats.count(resource, 'timeouts')
      })
      .then(
        () => settle(id, denied('timeout', rows.ofResource(resource), heldBy(resource, rows.ofResource(resource)))),
        (cause: unknown) => log.error('A request for a lock could not be ended', { error: String(cause) }),
      )
  }

  return {
    tryAcquire(tx, wanted) {
      const there = rows.ofResource(wanted.resource)
      if (there.length >= (there[0]?.capacity ?? wanted.capacity)) {
        return denied('held', there, heldBy(wanted.resource, there))
      }
      return request(tx, wanted)
    },
    async acquire(wanted, wait_ms, signal) {
      const first = await store.write((tx) => {
        const asked = request(tx, wanted)
        if (!asked.ok || asked.value.token !== null || wait_ms > 0) return asked
        rows.remove(tx, asked.value.id)
        const there = rows.ofResource(wanted.resource)
        return denied('held', there, heldBy(wanted.resource, there))
      })
      if (!first.ok || first.value.token !== null) return first
      const { id, resource } = first.value
      return new Promise((resolve) => {
        const timer = setTimeout(() => giveUp(id, resource, 'timeout'), wait_ms)
        const slow = setTimeout(() => tellSlow(first.value), SLOW_MS)
        slow.unref()
        waiters.set(id, { resolve, timer, slow })
        signal?.addEventListener('abort', () => giveUp(id, resource, 'gone'), { once: true })
        if (signal?.aborted === true) giveUp(id, resource, 'gone')
        const now = rows.get(id)
        if (now !== undefined && now.token !== null) settle(id, ok(now))
      })
    },
    async release(id, owner) {
      return store.write((tx): Result<void, LeaseDenied> => {
        const lease = rows.get(id)
        if (lease === undefined)
          return denied('not_held', [], 'This lock has ended already: it was released, or it expired.')
        if (lease.owner !== owner)
          return denied('not_owner', [lease], `This lock belongs to ${lease.owner}; only its owner releases it.`)
        end(tx, lease, 'released')
        return ok(undefined)
      })
    },
    releaseRun(tx, runId) {
      for (const lease of rows.ofRun(runId)) end(tx, lease, 'released')
    },
    async extend(id, owner, ttl_ms) {
      return store.write((tx): Result<LeaseRow, LeaseDenied> => {
        keepUp(tx)
        const lease = rows.get(id)
        const now = Date.now()
        if (lease === undefined || lease.token === null || (lease.expires_at !== null && lease.expires_at <= now)) {
          return denied('not_held', [], 'This lock has expired; stop using the resource and ask for it again.')
        }
        if (lease.owner !== owner)
          return denied('not_owner', [lease], `This lock belongs to ${lease.owner}; only its owner extends it.`)
        rows.extend(tx, id, ttl_ms, now + ttl_ms)
        failpoint('after-lease-extended')
        tx.afterCommit(schedule)
        return ok({ ...lease, ttl_ms, expires_at: now + ttl_ms })
      })
    },
    list: rows.all,
    sweep,
    close() {
      closed = true
      clearTimeout(expiry)
      for (const [id] of [...waiters]) settle(id, denied('timeout', [], 'Baton is stopping.'))
    },
  }

  function tellSlow(row: LeaseRow): void {
    store
      .write((tx) =>
        events.append(tx, 'lock.slow', subject(row), {
          resource: row.resource,
          owner: row.owner,
          waited_ms: Date.now() - row.requested_at,
          holder: rows.ofResource(row.resource).find((other) => other.token !== null)?.owner ?? '',
        }),
      )
      .catch((cause: unknown) => log.error('A slow lock could not be told', { error: String(cause) }))
  }
}

function queueKey(row: LeaseRow): number {
  return row.requested_at - row.priority * PRIORITY_STEP_MS
}

function isDead(lease: LeaseRow): boolean {
  if (lease.owner_pid === null) return false
  return processStart(lease.owner_pid) !== lease.owner_started
}

function denied(
  kind: LeaseDenied['kind'],
  holders: readonly LeaseRow[],
  message: string,
): { ok: false; error: LeaseDenied } {
  return err({ kind, holders: holders.filter((row) => row.token !== null), message })
}

function heldBy(resource: string, there: readonly LeaseRow[]): string {
  const holder = there.find((row) => row.token !== null)
  if (holder === undefined) return `Others wait for ${resource} already.`
  const since = new Date(holder.granted_at ?? holder.requested_at).toISOString()
  const purpose = holder.purpose === '' ? '' : ` (${holder.purpose})`
  return `${resource} is held by ${holder.owner}${purpose} since ${since}.`
}
