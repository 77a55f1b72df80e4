import { eq } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { EventLog } from '../event/event-log.ts'
import { type WebhookRow, webhook } from '../store/schema.ts'
import type { Tx } from '../store/write-queue.ts'

/** Tells a webhook nothing more until a person says otherwise. */
export function stopWebhook(tx: Tx, events: EventLog, { id }: WebhookRow, reason: string): void {
  tx.orm.update(webhook).set({ is_active: false, reason }).where(eq(webhook.id, id)).run()
  events.append(tx, 'webhook.changed', {}, { id: encodeId('webhook', id), change: 'stopped', detail: reason })
}
