import { and, desc, eq, gt, lt } from 'drizzle-orm'
import type { EventData, EventType } from '#contract/event.ts'
import type { AuditEntry } from '#contract/identity.ts'
import { toTimestamp } from '#contract/time.ts'
import { audit } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** What is done, such as `login.failed` or `plan.approved`. */
export interface AuditNote {
  readonly action: string
  /** What it was done to, such as an id. */
  readonly subject: string
  readonly details?: Readonly<Record<string, unknown>>
  /** Where the request shows nobody, as at a login: who it was said to be, and from where. */
  readonly actor?: string
  readonly address?: string | null
}

export interface AuditQuery {
  readonly limit: number
  /** Entries before this id; absent: from the newest. */
  readonly before?: number | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
}

/** Who did what (S7). Rows are only ever added: the database refuses the rest, and a chain finds who gets around it. */
export interface AuditLog {
  /** Notes something in the change that does it, so that both commit or neither; by whom, the change knows. */
  append(tx: Tx, note: AuditNote): void
  /** Newest first. */
  list(query: AuditQuery): AuditEntry[]
  /** All of it, oldest first, read piece by piece. */
  all(): Generator<AuditEntry>
}

type Row = typeof audit.$inferSelect

const PAGE = 1_000

/** `baton`: nobody asked for it. */
const NOBODY = 'baton'

export function createAuditLog(store: Store): AuditLog {
  const view = ({ at, ...row }: Row): AuditEntry => ({ ...row, at: toTimestamp(at) })

  return {
    append(tx, { action, subject, details, actor, address }) {
      tx.orm
        .insert(audit)
        .values({
          ...{ at: Date.now(), action, subject, details: { ...details } },
          actor: actor ?? tx.actor?.id ?? NOBODY,
          address: address ?? tx.actor?.address ?? null,
          correlation_id: tx.correlation_id,
        })
        .run()
    },
    list({ limit, before, actor, action }) {
      const wanted = and(
        before === undefined ? undefined : lt(audit.id, before),
        actor === undefined ? undefined : eq(audit.actor, actor),
        action === undefined ? undefined : eq(audit.action, action),
      )
      return store.orm.select().from(audit).where(wanted).orderBy(desc(audit.id)).limit(limit).all().map(view)
    },
    *all() {
      let after = 0
      for (;;) {
        const rows = store.orm.select().from(audit).where(gt(audit.id, after)).orderBy(audit.id).limit(PAGE).all()
        for (const row of rows) yield view(row)
        const last = rows.at(-1)
        if (last === undefined) return
        after = last.id
      }
    },
  }
}

type Audited = {
  readonly [T in EventType]?: (
    data: EventData<T>,
  ) => (Pick<AuditNote, 'subject' | 'details'> & { action?: string }) | null
}

/** What of that which happens is a person's decision, and so belongs into the trail. */
const AUDITED: Audited = {
  'plan.state': ({ plan_id, state }) =>
    state === 'approved' || state === 'rejected' ? { action: `plan.${state}`, subject: plan_id } : null,
  'approval.state': ({ approval_id, state, tool }) =>
    state === 'open' ? null : { action: `approval.${state}`, subject: approval_id, details: { tool } },
  'settings.changed': ({ keys }) => ({ subject: keys.join(', ') }),
  'budget.changed': ({ scope, limit_micros }) => ({ subject: scope, details: { limit_micros } }),
  'budget.corrected': (data) => ({ subject: data.reservation_id, details: data }),
  'executor.paused': ({ paused }) => ({ subject: paused ? 'everything' : 'nothing' }),
  'backup.restored': ({ backup_id }) => ({ subject: backup_id }),
  'webhook.changed': ({ id, change, detail }) => ({
    action: `webhook.${change}`,
    subject: id,
    details: detail === '' ? {} : { detail },
  }),
  'project.imported': ({ source_id }) => ({ subject: source_id }),
}

/** The note that belongs to an event; null for most. */
export function auditNoteOf<T extends EventType>(type: T, data: EventData<T>): AuditNote | null {
  const noted = AUDITED[type]?.(data)
  return noted === null || noted === undefined ? null : { action: type, ...noted }
}
