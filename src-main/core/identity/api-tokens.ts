import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { ApiToken, madeApiToken, newApiToken } from '#contract/identity.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import { LOCAL_USER } from '#contract/role.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { AuditLog } from '../event/audit-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type ApiTokenRow, apiToken } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { type Caller, LOCAL_CALLER, SCOPES_OF } from './caller.ts'
import { newSecret, secretHash } from './secrets.ts'
import type { Users } from './users.ts'

/** By this prefix a bearer is known as an API token. */
export const API_TOKEN_PREFIX = 'btn'
const DAY_MS = 24 * 60 * 60_000
/** When a token was used last is written down at most so often. */
const NOTED_MS = 60_000

/** Tokens for scripts (S2): named, scoped, expiring, and kept as hashes. */
export interface ApiTokens {
  list(): ApiToken[]
  create(input: z.output<typeof newApiToken>, by: Caller): Promise<Result<z.infer<typeof madeApiToken>, Refusal>>
  revoke(id: string): Promise<Result<ApiToken, Refusal>>
  /** Who a token acts as: its owner, with what is in both the token's scopes and the owner's role. */
  callerOf(token: string): Caller | null
  /** The same as it stands now, by the token's key. */
  again(key: number): Caller | null
  /** When a token expires, in ms since 1970; null where it does not. */
  endsAt(key: number): number | null
}

function view({ token_hash: _, id, created_at, expires_at, last_used_at, revoked_at, ...row }: ApiTokenRow): ApiToken {
  return {
    ...row,
    id: encodeId('api_token', id),
    created_at: toTimestamp(created_at),
    expires_at: toTimestampOrNull(expires_at),
    last_used_at: toTimestampOrNull(last_used_at),
    revoked_at: toTimestampOrNull(revoked_at),
  }
}

export function createApiTokens(store: Store, audit: AuditLog, users: Users): ApiTokens {
  const byHash = store.orm
    .select()
    .from(apiToken)
    .where(eq(apiToken.token_hash, sql.placeholder('hash')))
    .prepare()
  const byKey = store.orm
    .select()
    .from(apiToken)
    .where(eq(apiToken.id, sql.placeholder('key')))
    .prepare()

  function ownerOf(owner: string): Pick<Caller, 'id' | 'name' | 'role'> | null {
    if (owner === LOCAL_USER) return LOCAL_CALLER
    const row = users.row(owner)
    if (!row.ok || !row.value.is_active) return null
    return { id: encodeId('user', row.value.id), name: row.value.display_name, role: row.value.role }
  }

  return {
    list: () => store.orm.select().from(apiToken).orderBy(desc(apiToken.id)).all().map(view),
    async create({ name, scopes, per_minute, expires_in_days, ...input }, by) {
      const wanted = input.owner ?? by.id
      const acts = ownerOf(wanted)
      if (acts === null) return refuse('bad_request', `There is no active user ${wanted} whom the token could act as.`)
      // Its one spelling: an id with zeros in front names the same user, whose rows a token would not find by it.
      const owner = acts.id
      const beyond = scopes.filter((scope) => !SCOPES_OF[acts.role].includes(scope))
      if (beyond.length > 0) {
        return refuse(
          'bad_request',
          `${acts.name} is ${acts.role}, so a token of theirs cannot have ${beyond.join(', ')}. Leave that out.`,
        )
      }
      const token = newSecret(API_TOKEN_PREFIX)
      const now = Date.now()
      const made = await store.tryWrite((tx) => {
        const row = tx.orm
          .insert(apiToken)
          .values({
            ...{
              name,
              owner,
              per_minute,
              scopes: [...new Set(scopes)],
              token_hash: secretHash(token),
              created_at: now,
            },
            expires_at: expires_in_days === null ? null : now + expires_in_days * DAY_MS,
          })
          .returning()
          .get()
        const details = { name, owner, scopes, by: by.id }
        audit.append(tx, { action: 'token.created', subject: encodeId('api_token', row.id), details })
        return row
      })
      return ok({ ...view(made), token })
    },
    async revoke(id) {
      const key = decodeId('api_token', id) ?? -1
      const revoked = await store.tryWrite((tx) => {
        const living = and(eq(apiToken.id, key), isNull(apiToken.revoked_at))
        const row = tx.orm.update(apiToken).set({ revoked_at: Date.now() }).where(living).returning().get()
        if (row !== undefined) audit.append(tx, { action: 'token.revoked', subject: id, details: { name: row.name } })
        return row
      })
      if (revoked !== undefined) return ok(view(revoked))
      const found = store.orm.select().from(apiToken).where(eq(apiToken.id, key)).get()
      return found === undefined ? refuse('not_found', `There is no token ${id}.`) : ok(view(found))
    },
    callerOf(token) {
      const row = byHash.get({ hash: secretHash(token) })
      const caller = callerOfRow(row)
      const now = Date.now()
      if (row !== undefined && caller !== null && now - (row.last_used_at ?? 0) > NOTED_MS) noteUse(row.id, now)
      return caller
    },
    again: (key) => callerOfRow(byKey.get({ key })),
    endsAt: (key) => byKey.get({ key })?.expires_at ?? null,
  }

  function callerOfRow(row: ApiTokenRow | undefined): Caller | null {
    const now = Date.now()
    if (row === undefined || row.revoked_at !== null || (row.expires_at ?? now + 1) <= now) return null
    const acts = ownerOf(row.owner)
    if (acts === null) return null
    const scopes = new Set(row.scopes.filter((scope) => SCOPES_OF[acts.role].includes(scope)))
    const { id: token, owner: id, per_minute } = row
    return { id, name: acts.name, role: acts.role, scopes, session: null, token, per_minute }
  }

  function noteUse(id: number, now: number): void {
    const noted = store.tryWrite((tx) =>
      tx.orm.update(apiToken).set({ last_used_at: now }).where(eq(apiToken.id, id)).run(),
    )
    // On a disk that takes nothing the token is as good; only its last use is not written down.
    noted.catch(store.report)
  }
}
