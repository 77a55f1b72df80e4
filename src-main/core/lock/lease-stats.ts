import type { LockStats } from '#contract/lock.ts'
import type { Store } from '../store/store.ts'

type Count = 'timeouts' | 'expired'

/** How often and how long leases are waited for (L3), by the kind of resource. */
export interface LeaseStats {
  /** `waited_ms`: how long the request stood in the queue; null where it was granted at once. */
  granted(resource: string, waited_ms: number | null): void
  count(resource: string, what: Count): void
  read(): LockStats
}

export function kindOf(resource: string): string {
  return resource.slice(0, resource.indexOf(':'))
}

/** Every change belongs inside the transaction that grants or ends the lease. */
export function createLeaseStats({ sqlite }: Store): LeaseStats {
  const granted = sqlite.prepare<{ kind: string; waited: number; ms: number }>(
    `INSERT INTO lease_stats (resource_kind, granted, waited, wait_ms_total, wait_ms_max) VALUES (@kind, 1, @waited, @ms, @ms)
     ON CONFLICT (resource_kind) DO UPDATE SET granted = granted + 1, waited = waited + @waited,
       wait_ms_total = wait_ms_total + @ms, wait_ms_max = max(wait_ms_max, @ms)`,
  )
  const counts: Record<Count, ReturnType<typeof sqlite.prepare>> = {
    timeouts: sqlite.prepare(
      `INSERT INTO lease_stats (resource_kind, timeouts) VALUES (?, 1) ON CONFLICT (resource_kind) DO UPDATE SET timeouts = timeouts + 1`,
    ),
    expired: sqlite.prepare(
      `INSERT INTO lease_stats (resource_kind, expired) VALUES (?, 1) ON CONFLICT (resource_kind) DO UPDATE SET expired = expired + 1`,
    ),
  }
  const now = sqlite.prepare<[], { active: number; waiting: number }>(
    'SELECT count(token) AS active, count(*) - count(token) AS waiting FROM lease',
  )
  const kinds = sqlite.prepare<[], LockStats['kinds'][number]>(
    `SELECT resource_kind AS kind, granted, waited, wait_ms_total, wait_ms_max, timeouts, expired FROM lease_stats ORDER BY 1`,
  )
  return {
    granted: (resource, waited_ms) => {
      granted.run({ kind: kindOf(resource), waited: waited_ms === null ? 0 : 1, ms: waited_ms ?? 0 })
    },
    count: (resource, what) => {
      counts[what].run(kindOf(resource))
    },
    read: () => ({ ...(now.get() ?? { active: 0, waiting: 0 }), kinds: kinds.all() }),
  }
}
