import { and, desc, eq, gt, isNull } from 'drizzle-orm'
import type { z } from 'zod'
import type { Invite, madeInvite, newInvite } from '#contract/identity.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Role } from '#contract/role.ts'
import { toTimestamp } from '#contract/time.ts'
import type { AuditLog } from '../event/audit-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type InviteRow, invite } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Caller } from './caller.ts'
import { newSecret, secretHash } from './secrets.ts'

const DAY_MS = 24 * 60 * 60_000

/** Codes with which one person each may register, in a role that an admin chose. */
export interface Invites {
  list(): Invite[]
  create(input: z.output<typeof newInvite>, by: Caller): Promise<Result<z.infer<typeof madeInvite>, Refusal>>
  remove(id: string): Promise<Result<void, Refusal>>
  /** The role that an open invitation gives; null where `code` is none. */
  roleOf(code: string): Role | null
  /** Answers whether it was still open. */
  use(tx: Tx, code: string, userKey: number): boolean
}

function view({ id, role, created_at, expires_at, used_by }: InviteRow): Invite {
  return {
    id: encodeId('invite', id),
    role,
    created_at: toTimestamp(created_at),
    expires_at: toTimestamp(expires_at),
    used_by: used_by === null ? null : encodeId('user', used_by),
  }
}

export function createInvites(store: Store, audit: AuditLog): Invites {
  const open = (code: string) =>
    and(eq(invite.code_hash, secretHash(code)), isNull(invite.used_by), gt(invite.expires_at, Date.now()))

  return {
    list: () => store.orm.select().from(invite).orderBy(desc(invite.id)).all().map(view),
    async create({ role, expires_in_days }, by) {
      const code = newSecret('inv')
      const now = Date.now()
      const made = await store.tryWrite((tx) => {
        const row = tx.orm
          .insert(invite)
          .values({
            ...{ code_hash: secretHash(code), role, created_by: by.id, created_at: now },
            expires_at: now + expires_in_days * DAY_MS,
          })
          .returning()
          .get()
        audit.append(tx, { action: 'invite.created', subject: encodeId('invite', row.id), details: { role } })
        return row
      })
      return ok({ ...view(made), code })
    },
    async remove(id) {
      const unused = and(eq(invite.id, decodeId('invite', id) ?? -1), isNull(invite.used_by))
      const removed = await store.tryWrite((tx) => {
        const gone = tx.orm.delete(invite).where(unused).run().changes > 0
        if (gone) audit.append(tx, { action: 'invite.removed', subject: id })
        return gone
      })
      return removed ? ok(undefined) : refuse('not_found', `There is no open invitation ${id}.`)
    },
    roleOf: (code) => store.orm.select({ role: invite.role }).from(invite).where(open(code)).get()?.role ?? null,
    use: (tx, code, userKey) => tx.orm.update(invite).set({ used_by: userKey }).where(open(code)).run().changes > 0,
  }
}
