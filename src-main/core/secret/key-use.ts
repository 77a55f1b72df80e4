import type { AuditLog } from '../event/audit-log.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ProviderKeys } from './provider-keys.ts'

/** Writes down that a key was used (S7). */
export interface KeyUse {
  /** Notes a call with the key of a provider, in the change that sets its money aside. */
  note(tx: Tx, provider: string, projectId: string): void
}

const DAY_MS = 86_400_000

/**
 * The first use of a key for a project on each day (UTC) goes into the trail; every single call is in the usage log. A core
 * that starts begins anew, as the key may be another one.
 */
export function createKeyUse(
  { sqlite }: Pick<Store, 'sqlite'>,
  audit: Pick<AuditLog, 'append'>,
  keys: Pick<ProviderKeys, 'states'>,
): KeyUse {
  const begun = sqlite.prepare<[], number | null>('SELECT max(id) FROM audit').pluck().get() ?? 0
  // Calls that begin in one commit see each other here, and what was rolled back is gone.
  const known = sqlite.prepare<[number, string, number, string], number>(
    `SELECT 1 FROM audit WHERE id > ? AND action = 'key.used' AND subject = ? AND at >= ? AND details ->> 'project_id' = ?`,
  )
  let today = Number.NaN
  let noted = new Set<string>()
  return {
    note(tx, provider, projectId) {
      const day = Math.floor(Date.now() / DAY_MS)
      if (day !== today) {
        today = day
        noted = new Set()
      }
      const use = `${provider} ${projectId}`
      const source = keys.states().find((state) => state.provider === provider)?.source ?? 'none'
      // A server of one's own may take calls without a key.
      if (noted.has(use) || source === 'none') return
      if (known.get(begun, provider, day * DAY_MS, projectId) === undefined) {
        audit.append(tx, { action: 'key.used', subject: provider, details: { source, project_id: projectId } })
      }
      tx.afterCommit(() => noted.add(use))
    },
  }
}
