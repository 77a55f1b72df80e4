import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { type WebhookDeliveryRow, type WebhookRow, webhook, webhookAttempt, webhookDelivery } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

export interface NewDelivery {
  readonly webhook_id: number
  /** Null: a trial. */
  readonly event_seq: number | null
  readonly event_id: string
  readonly event: string
  readonly next_at: number
  readonly give_up_at: number
}

/** One try, as it is written down. */
export interface Attempt {
  readonly at: number
  readonly ms: number
  readonly status: number | null
  readonly error: string
}

/** Where a delivery stands after a try. */
export type AfterAttempt =
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly next_at: number }
  | { readonly state: 'failed'; readonly reason: string }

/** Rows of webhooks and of what was told to them. */
export interface WebhookRows {
  all(): WebhookRow[]
  active(): WebhookRow[]
  get(id: number): WebhookRow | undefined
  waiting(id: number): number
  delivery(id: number): WebhookDeliveryRow | undefined
  deliveries(webhookId: number, before: number, limit: number): WebhookDeliveryRow[]
  attempts(deliveryId: number, limit: number): Attempt[]
  /** Adds what is not there yet; answers with its key, or null where it was. */
  add(tx: Tx, delivery: NewDelivery): number | null
  /** The delivery of a webhook whose time came first. */
  next(webhookId: number, now: number): WebhookDeliveryRow | undefined
  /** Webhooks that are active and have something to be told, with when the first of it is due. */
  due(): { readonly webhook_id: number; readonly at: number }[]
  attempted(tx: Tx, deliveryId: number, attempt: Attempt, after: AfterAttempt): void
  /** Puts one that is over back. */
  again(tx: Tx, deliveryId: number, now: number, give_up_at: number): void
  /** Gives up those of a webhook whose time is over. */
  giveUpLate(tx: Tx, webhookId: number, now: number, reason: string): number
  /** Gives up the oldest of a webhook past `most` that wait. */
  giveUpOldest(tx: Tx, webhookId: number, most: number, reason: string): number
  /** Removes what ended before a moment, and what is older than the last `most`; a bounded piece at a time. */
  purge(tx: Tx, before: number, most: number): void
  /** The last event that was looked at. */
  cursor(): number | null
  setCursor(tx: Tx, seq: number): void
}

const PURGE_MAX = 500
const CURSOR = 'webhook_cursor'

export function createWebhookRows(store: Store): WebhookRows {
  const { orm, sqlite } = store
  const prepared = (text: string) => sqlite.prepare(text)
  const due = sqlite.prepare<[], { webhook_id: number; at: number }>(
    `SELECT webhook_id, at FROM (
       SELECT id AS webhook_id, (
         SELECT min(next_at) FROM webhook_delivery WHERE webhook_id = webhook.id AND state = 'waiting') AS at
       FROM webhook WHERE is_active) WHERE at IS NOT NULL`,
  )
  const waiting = sqlite
    .prepare<[number], number>("SELECT count(*) FROM webhook_delivery WHERE webhook_id = ? AND state = 'waiting'")
    .pluck()
  const next = orm
    .select()
    .from(webhookDelivery)
    .where(
      and(
        eq(webhookDelivery.webhook_id, sql.placeholder('id')),
        sql`state = 'waiting'`,
        sql`next_at <= ${sql.placeholder('now')}`,
      ),
    )
    .orderBy(webhookDelivery.next_at, webhookDelivery.id)
    .limit(1)
    .prepare()
  const add = sqlite.prepare(
    `INSERT INTO webhook_delivery (webhook_id, event_seq, event_id, event, state, next_at, give_up_at, created_at)
     SELECT @webhook_id, @event_seq, @event_id, @event, 'waiting', @next_at, @give_up_at, @now
     WHERE EXISTS (SELECT 1 FROM webhook WHERE id = @webhook_id)
     ON CONFLICT (webhook_id, event_seq) WHERE event_seq IS NOT NULL DO NOTHING`,
  )
  const giveUp = prepared(
    `UPDATE webhook_delivery SET state = 'failed', reason = ?, ended_at = ? WHERE id IN (
       SELECT id FROM webhook_delivery WHERE webhook_id = ? AND state = 'waiting' ORDER BY id LIMIT ?)`,
  )
  const giveUpLate = prepared(
    `UPDATE webhook_delivery SET state = 'failed', reason = @reason, ended_at = @now
     WHERE webhook_id = @id AND state = 'waiting' AND give_up_at <= @now`,
  )
  const purge = prepared(
    `DELETE FROM webhook_delivery WHERE id IN (
       SELECT id FROM webhook_delivery WHERE ended_at < ?
         OR (ended_at IS NOT NULL AND id <= (SELECT seq FROM sqlite_sequence WHERE name = 'webhook_delivery') - ?)
       LIMIT ${PURGE_MAX})`,
  )
  const cursor = sqlite.prepare<[], string>(`SELECT value FROM meta WHERE key = '${CURSOR}'`).pluck()
  const setCursor = prepared(
    `INSERT INTO meta (key, value) VALUES ('${CURSOR}', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  )

  return {
    all: () => orm.select().from(webhook).orderBy(webhook.id).all(),
    active: () => orm.select().from(webhook).where(eq(webhook.is_active, true)).all(),
    get: (id) => orm.select().from(webhook).where(eq(webhook.id, id)).get(),
    waiting: (id) => waiting.get(id) ?? 0,
    delivery: (id) => orm.select().from(webhookDelivery).where(eq(webhookDelivery.id, id)).get(),
    deliveries: (webhookId, before, limit) =>
      orm
        .select()
        .from(webhookDelivery)
        .where(and(eq(webhookDelivery.webhook_id, webhookId), lt(webhookDelivery.id, before)))
        .orderBy(desc(webhookDelivery.id))
        .limit(limit)
        .all(),
    attempts: (deliveryId, limit) =>
      orm
        .select()
        .from(webhookAttempt)
        .where(eq(webhookAttempt.delivery_id, deliveryId))
        .orderBy(desc(webhookAttempt.id))
        .limit(limit)
        .all(),
    add(_tx, delivery) {
      const { changes, lastInsertRowid } = add.run({ ...delivery, now: Date.now() })
      return changes > 0 ? Number(lastInsertRowid) : null
    },
    next: (id, now) => next.get({ id, now }),
    due: () => due.all(),
    attempted(tx, delivery_id, attempt, after) {
      tx.orm
        .insert(webhookAttempt)
        .values({ delivery_id, ...attempt })
        .run()
      const now = Date.now()
      const change =
        after.state === 'waiting'
          ? { next_at: after.next_at }
          : { state: after.state, reason: after.state === 'failed' ? after.reason : '', ended_at: now }
      const attempts = sql`${webhookDelivery.attempts} + 1`
      tx.orm
        .update(webhookDelivery)
        .set({ ...change, attempts })
        .where(eq(webhookDelivery.id, delivery_id))
        .run()
    },
    again(tx, id, now, give_up_at) {
      const back = { state: 'waiting' as const, reason: '', next_at: now, give_up_at, ended_at: null }
      tx.orm.update(webhookDelivery).set(back).where(eq(webhookDelivery.id, id)).run()
    },
    giveUpLate: (_tx, id, now, reason) => giveUpLate.run({ id, now, reason }).changes,
    giveUpOldest(_tx, webhookId, most, reason) {
      const past = (waiting.get(webhookId) ?? 0) - most
      return past > 0 ? giveUp.run(reason, Date.now(), webhookId, past).changes : 0
    },
    purge: (_tx, before, most) => {
      purge.run(before, most)
    },
    cursor: () => {
      const kept = cursor.get()
      return kept === undefined ? null : Number(kept)
    },
    setCursor: (_tx, seq) => {
      setCursor.run(String(seq))
    },
  }
}
