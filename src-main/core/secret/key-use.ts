import type { AuditLog } from '../event/audit-log.ts'
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
export function createKeyUse(audit: Pick<AuditLog, 'append'>, keys: Pick<ProviderKeys, 'states'>): KeyUse {
  let day = Number.NaN
  let noted = new Set<string>()
  return {
    note(tx, provider, projectId) {
      const today = Math.floor(Date.now() / DAY_MS)
      if (today !== day) {
        day = today
        noted = new Set()
      }
      const use = `${provider} ${projectId}`
      const source = keys.states().find((state) => state.provider === provider)?.source ?? 'none'
      // A server of one's own may take calls without a key.
      if (noted.has(use) || source === 'none') return
      audit.append(tx, { action: 'key.used', subject: provider, details: { source, project_id: projectId } })
      tx.afterCommit(() => noted.add(use))
    },
  }
}
