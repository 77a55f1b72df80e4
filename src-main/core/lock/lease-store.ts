import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** A lease, or a request that waits for one (`token` null). */
export interface LeaseRow {
  readonly id: number
  readonly resource: string
  readonly capacity: number
  readonly owner: string
  readonly owner_pid: number | null
  readonly owner_started: string | null
  /** The public id of the user who asked over the port; null: Baton's own work, or the owner of the data folder. */
  readonly user: string | null
  readonly purpose: string
  readonly project_id: number | null
  readonly run_id: number | null
  readonly priority: number
  readonly ttl_ms: number | null
  readonly token: number | null
  readonly requested_at: number
  readonly granted_at: number | null
  readonly expires_at: number | null
}

export type NewLease = Omit<LeaseRow, 'id' | 'token' | 'granted_at' | 'expires_at'>

/** The SQL of leases; what they mean is decided in `leases.ts`. */
export interface LeaseStore {
  insert(tx: Tx, lease: NewLease): number
  grant(tx: Tx, id: number, at: number): LeaseRow
  remove(tx: Tx, id: number): void
  extend(tx: Tx, id: number, ttl_ms: number, expires_at: number): void
  get(id: number): LeaseRow | undefined
  all(): LeaseRow[]
  ofResource(resource: string): LeaseRow[]
  heldWithPrefix(prefix: string): LeaseRow[]
  ofRun(runId: number): LeaseRow[]
  expired(at: number): LeaseRow[]
  nextExpiry(): number | null
  /** The clock was set back by so many ms: leases end, and requests are as old, as if it had not been. */
  bringForward(tx: Tx, ms: number): void
}

const COLUMNS = `id, resource, capacity, owner, owner_pid, owner_started, user, purpose, project_id, run_id, priority, ttl_ms, token,
  requested_at, granted_at, expires_at`

export function createLeaseStore({ sqlite }: Store): LeaseStore {
  const insert = sqlite.prepare<NewLease>(
    `INSERT INTO lease (resource, capacity, owner, owner_pid, owner_started, user, purpose, project_id, run_id, priority, ttl_ms, requested_at)
     VALUES (@resource, @capacity, @owner, @owner_pid, @owner_started, @user, @purpose, @project_id, @run_id, @priority, @ttl_ms, @requested_at)`,
  )
  const nextToken = sqlite.prepare<[], number>('UPDATE lease_token SET last = last + 1 RETURNING last').pluck()
  const grant = sqlite.prepare<{ id: number; at: number; token: number }, LeaseRow>(
    `UPDATE lease SET token = @token, granted_at = @at, expires_at = @at + ttl_ms WHERE id = @id RETURNING ${COLUMNS}`,
  )
  const remove = sqlite.prepare('DELETE FROM lease WHERE id = ?')
  const extend = sqlite.prepare('UPDATE lease SET ttl_ms = ?, expires_at = ? WHERE id = ?')
  // The pluses keep SQLite from planning anew each time, as `steady` says.
  const select = (where: string): string => `SELECT ${COLUMNS} FROM lease WHERE ${where} ORDER BY id`
  const byId = sqlite.prepare<[number], LeaseRow>(select('id = +?'))
  const all = sqlite.prepare<[], LeaseRow>(select('TRUE'))
  const ofResource = sqlite.prepare<[string], LeaseRow>(select('resource = +?'))
  const ofRun = sqlite.prepare<[number], LeaseRow>(select('run_id = +?'))
  const withPrefix = sqlite.prepare<[string, string], LeaseRow>(
    select('resource >= +? AND resource < +? AND token IS NOT NULL'),
  )
  const expired = sqlite.prepare<[number], LeaseRow>(select('expires_at <= +?'))
  const forward = sqlite.prepare('UPDATE lease SET requested_at = requested_at - @ms, expires_at = expires_at - @ms')
  const next = sqlite.prepare<[], number | null>('SELECT min(expires_at) FROM lease').pluck()

  return {
    insert: (_tx, lease) => Number(insert.run(lease).lastInsertRowid),
    grant(_tx, id, at) {
      const token = nextToken.get()
      const row = token === undefined ? undefined : grant.get({ id, at, token })
      if (row === undefined) throw new Error(`The request ${id} for a lease is gone`)
      return row
    },
    remove: (_tx, id) => {
      remove.run(id)
    },
    extend: (_tx, id, ttl_ms, expires_at) => {
      extend.run(ttl_ms, expires_at, id)
    },
    get: (id) => byId.get(id),
    all: () => all.all(),
    ofResource: (resource) => ofResource.all(resource),
    heldWithPrefix: (prefix) => withPrefix.all(prefix, `${prefix}\u{10FFFF}`),
    ofRun: (runId) => ofRun.all(runId),
    expired: (at) => expired.all(at),
    nextExpiry: () => next.get() ?? null,
    bringForward: (_tx, ms) => {
      forward.run({ ms })
    },
  }
}
