import { and, eq, isNull, lt } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { Role } from '#contract/role.ts'
import { refreshToken, session as sessionTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { newSecret, secretHash } from './secrets.ts'

const DAY_MS = 24 * 60 * 60_000

/** A session with its user, as they are now. */
export interface LiveSession {
  readonly id: number
  readonly user_id: number
  readonly display_name: string
  readonly role: Role
}

export type Exchange =
  | { readonly kind: 'exchanged'; readonly session: LiveSession; readonly refresh_token: string }
  /** It had been exchanged before: somebody else has it too, so the session is ended for both. */
  | { readonly kind: 'reused'; readonly session_id: number; readonly user_id: number }
  | { readonly kind: 'unknown' }

/** Logins and their refresh tokens, of which each is good once. */
export interface Sessions {
  begin(tx: Tx, userId: number): { id: number; refresh_token: string }
  exchange(tx: Tx, token: string): Exchange
  /** Answers whether it lived. */
  end(tx: Tx, id: number): boolean
  endAllOf(tx: Tx, userId: number): void
  /** Null where it was ended, has expired, or its user may not log in any more. */
  live(id: number): LiveSession | null
  /** When it expires unless it is refreshed before, in ms since 1970; null where it lives no more. */
  endsAt(id: number): number | null
}

interface Row extends LiveSession {
  readonly expires_at: number
  readonly created_at: number
  readonly ended_at: number | null
  readonly is_active: number
}

/**
 * A refresh token is good for `refresh_days`, and each exchange gives a new one (S2); whoever has been logged in for
 * `session_days` logs in again.
 */
export function createSessions(
  store: Store,
  expiries: () => { readonly refresh_days: number; readonly session_days: number },
): Sessions {
  const { sqlite } = store
  const OF = `SELECT s.id, s.user_id, s.created_at, s.expires_at, s.ended_at, u.display_name, u.role, u.is_active
    FROM session s JOIN user u ON u.id = s.user_id`
  const byId = sqlite.prepare<[number], Row>(`${OF} WHERE s.id = ?`)
  const byToken = sqlite.prepare<[string], Row & { used_at: number | null }>(
    `${OF.replace('SELECT', 'SELECT r.used_at,')} JOIN refresh_token r ON r.session_id = s.id WHERE r.hash = ?`,
  )

  const isLive = (row: Row): boolean => row.ended_at === null && row.expires_at > Date.now() && row.is_active === 1

  function hand(tx: Tx, sessionId: number): string {
    const token = newSecret('brt')
    tx.orm
      .insert(refreshToken)
      .values({ hash: secretHash(token), session_id: sessionId })
      .run()
    return token
  }

  function end(tx: Tx, id: number): boolean {
    const living = and(eq(sessionTable.id, id), isNull(sessionTable.ended_at))
    return tx.orm.update(sessionTable).set({ ended_at: Date.now() }).where(living).run().changes > 0
  }

  return {
    begin(tx, user_id) {
      const now = Date.now()
      tx.orm.delete(sessionTable).where(lt(sessionTable.expires_at, now)).run()
      const { id } = tx.orm
        .insert(sessionTable)
        .values({ user_id, created_at: now, expires_at: now + expiries().refresh_days * DAY_MS })
        .returning({ id: sessionTable.id })
        .get()
      return { id, refresh_token: hand(tx, id) }
    },
    exchange(tx, token) {
      const hash = secretHash(token)
      const row = byToken.get(hash)
      if (row === undefined || !isLive(row)) return { kind: 'unknown' }
      if (row.used_at !== null) {
        end(tx, row.id)
        return { kind: 'reused', session_id: row.id, user_id: row.user_id }
      }
      const now = Date.now()
      tx.orm.update(refreshToken).set({ used_at: now }).where(eq(refreshToken.hash, hash)).run()
      const { refresh_days, session_days } = expiries()
      const expires_at = Math.min(now + refresh_days * DAY_MS, row.created_at + session_days * DAY_MS)
      tx.orm.update(sessionTable).set({ expires_at }).where(eq(sessionTable.id, row.id)).run()
      return { kind: 'exchanged', session: row, refresh_token: hand(tx, row.id) }
    },
    end,
    endAllOf(tx, userId) {
      const living = and(eq(sessionTable.user_id, userId), isNull(sessionTable.ended_at))
      tx.orm.update(sessionTable).set({ ended_at: Date.now() }).where(living).run()
    },
    live(id) {
      const row = byId.get(id)
      return row === undefined || !isLive(row) ? null : row
    },
    endsAt(id) {
      const row = byId.get(id)
      return row === undefined || !isLive(row) ? null : row.expires_at
    },
  }
}

/** The public id of a session's user. */
export function userOf(session: LiveSession): string {
  return encodeId('user', session.user_id)
}
