import { decodeId, encodeId } from '#contract/ids.ts'
import type { Lock } from '#contract/lock.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { LeaseStats } from './lease-stats.ts'
import type { LeaseRow, LeaseStore } from './lease-store.ts'
import type { LeaseDenied, Leases } from './leases.ts'

/** Write scopes belong to tasks: nothing would wake a task when a script lets go of one. */
const OWN_KIND = 'write:'

/**
 * Locks for scripts over the port (L2). A script is known by the name it gives and has no process that core could watch, so
 * its lock ends by release or expiry. What Baton's own work holds can be looked at, not touched.
 */
export function createLockService(leases: Leases, rows: LeaseStore, stats: LeaseStats): Core['locks'] {
  /** The lock that `user` may let go of or prolong; null may do so with everybody's. */
  function ownedBy(user: string | null, id: string): Result<LeaseRow, Refusal> {
    const row = rows.get(decodeId('lock', id) ?? -1)
    if (row === undefined) {
      return refuse('not_found', `There is no lock ${id}: it was released, or it expired. Stop using what it was on.`)
    }
    if (row.owner_pid === null && row.run_id === null) {
      if (user === null || row.user === user) return ok(row)
      return refuse('forbidden', `${id} was taken by another user. It ends when they release it, or by itself.`)
    }
    return refuse(
      'forbidden',
      `${id} belongs to Baton's own work (${row.owner}) and ends with it. Cancel the task instead.`,
    )
  }

  return {
    list: () => leases.list().map(view),
    async acquire({ wait_ms, ...wanted }, { signal, user = null } = {}) {
      if (wanted.resource.startsWith(OWN_KIND)) {
        return refuse(
          'forbidden',
          'Write scopes are taken by tasks only. Pause the project to keep its tasks away from its files.',
        )
      }
      const granted = await leases.acquire({ ...wanted, process: null, user }, wait_ms, signal)
      if (!granted.ok) return refused(granted.error)
      if (signal?.aborted !== true) return ok(view(granted.value))
      // Granted in the very moment in which it went away.
      await leases.release(granted.value.id, wanted.owner)
      return refuse('conflict', 'Whoever asked for this lock went away before it was granted, so it was let go.')
    },
    async release(id, owner, user = null) {
      const found = ownedBy(user, id)
      if (!found.ok) return found
      const released = await leases.release(found.value.id, owner)
      return released.ok ? released : refused(released.error)
    },
    async extend(id, owner, ttl_ms, user = null) {
      const found = ownedBy(user, id)
      if (!found.ok) return found
      const extended = await leases.extend(found.value.id, owner, ttl_ms)
      return extended.ok ? ok(view(extended.value)) : refused(extended.error)
    },
    stats: stats.read,
  }
}

function refused({ kind, message, holders }: LeaseDenied): ReturnType<typeof refuse> {
  if (kind === 'not_owner') return refuse('forbidden', message)
  return refuse('conflict', message, { kind, holders: holders.map(view) })
}

function view(row: LeaseRow): Lock {
  return {
    id: encodeId('lock', row.id),
    resource: row.resource,
    capacity: row.capacity,
    owner: row.owner,
    purpose: row.purpose,
    project_id: row.project_id === null ? null : encodeId('project', row.project_id),
    run_id: row.run_id === null ? null : encodeId('run', row.run_id),
    priority: row.priority,
    state: row.token === null ? 'waiting' : 'held',
    token: row.token,
    requested_at: toTimestamp(row.requested_at),
    granted_at: toTimestampOrNull(row.granted_at),
    expires_at: toTimestampOrNull(row.expires_at),
  }
}
