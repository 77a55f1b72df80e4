import { ok, type Result } from '#contract/result.ts'
import type { AuditLog } from '../event/audit-log.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createApiTokens } from './api-tokens.ts'
import { createIdentityService, type Identity } from './identity-service.ts'
import { createInvites } from './invites.ts'
import { createLockout } from './lockout.ts'
import { createSessions } from './sessions.ts'
import { keyOfSecret, openSigningKey } from './signing-key.ts'
import { createUsers } from './users.ts'

export interface IdentityOptions {
  readonly store: Store
  readonly audit: AuditLog
  readonly settings: SettingsStore
  readonly data_dir: string
  /** Signs access tokens in place of a key of Baton's own. */
  readonly jwt_secret?: string | undefined
  /** Is told, after the commit, of a change of users. */
  readonly onUsers: () => void
  /** Is told, within the change, that a user (by their public id) is switched off or let in again. */
  readonly onSwitched: (tx: Tx, owner: string, isActive: boolean) => void
}

/** Wires users, logins and tokens. Nothing is read or loaded before the first of them is asked for. */
export function createIdentity(options: IdentityOptions): Identity {
  const { store, audit, settings, data_dir, jwt_secret, onUsers, onSwitched } = options
  const users = createUsers(store)
  let key: Result<Uint8Array, string> | undefined
  const signingKey = (): Result<Uint8Array, string> => {
    if (key?.ok !== true) key = jwt_secret === undefined ? openSigningKey(data_dir) : ok(keyOfSecret(jwt_secret))
    return key
  }
  return createIdentityService({
    store,
    audit,
    users,
    sessions: createSessions(store, () => settings.settings().expiries),
    invites: createInvites(store, audit),
    apiTokens: createApiTokens(store, audit, users),
    accessTokens: createAccessTokens(signingKey, `baton/${store.epoch}`),
    lockout: createLockout(),
    onUsers,
    onSwitched,
    isOpen: () => settings.settings().registration_open,
    accessSeconds: () => settings.settings().expiries.access_s,
  })
}
