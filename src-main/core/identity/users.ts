import { asc, count, eq } from 'drizzle-orm'
import type { User } from '#contract/identity.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Role } from '#contract/role.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type UserRow, user as userTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

export interface UserChange {
  readonly role?: Role | undefined
  readonly is_active?: boolean | undefined
  readonly display_name?: string | undefined
  readonly password_hash?: string | undefined
  readonly last_login_at?: number | undefined
}

/** The registered users. */
export interface Users {
  list(): User[]
  row(id: string): Result<UserRow, Refusal>
  byEmail(email: string): UserRow | undefined
  count(): number
  /** Null where the e-mail address is taken. */
  add(tx: Tx, values: Pick<UserRow, 'email' | 'display_name' | 'password_hash' | 'role'>): UserRow | null
  change(tx: Tx, key: number, change: UserChange): UserRow
  view(row: UserRow): User
}

export function createUsers(store: Store): Users {
  const { orm } = store

  function view({ password_hash: _, id, created_at, last_login_at, ...row }: UserRow): User {
    return {
      ...row,
      id: encodeId('user', id),
      created_at: toTimestamp(created_at),
      last_login_at: toTimestampOrNull(last_login_at),
    }
  }

  return {
    view,
    list: () => orm.select().from(userTable).orderBy(asc(userTable.id)).all().map(view),
    row(id) {
      const key = decodeId('user', id) ?? -1
      const row = orm.select().from(userTable).where(eq(userTable.id, key)).get()
      return row === undefined ? refuse('not_found', `There is no user ${id}.`) : ok(row)
    },
    byEmail: (email) => orm.select().from(userTable).where(eq(userTable.email, email)).get(),
    count: () => orm.select({ n: count() }).from(userTable).get()?.n ?? 0,
    add(tx, values) {
      const added = tx.orm
        .insert(userTable)
        .values({ ...values, created_at: Date.now() })
        .onConflictDoNothing()
        .returning()
        .get() as UserRow | undefined
      return added ?? null
    },
    change(tx, key, change) {
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      return tx.orm.update(userTable).set(given).where(eq(userTable.id, key)).returning().get()
    },
  }
}
