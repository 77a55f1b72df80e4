import type { Log } from '../core.ts'
import { uncorrelated } from '../correlation.ts'
import type { EventLog } from '../event/event-log.ts'
import type { WebhookDeliveryRow, WebhookRow } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import { type SendParts, type Sent, sendDelivery } from './send-delivery.ts'
import type { AfterAttempt, WebhookRows } from './webhook-rows.ts'
import { stopWebhook } from './webhook-stop.ts'

/** Tells webhooks what waits for them. */
export interface DeliveryLoop {
  begin(): void
  /** Something waits that may be due. */
  wake(): void
  /** Tries one now, also of a webhook that is not active; resolves when it has come back. */
  tryNow(hook: WebhookRow, delivery: WebhookDeliveryRow): Promise<void>
  /** Until when a webhook is left alone; 0: it is not. */
  restsUntil(webhookId: number): number
  close(): Promise<void>
}

/** Webhooks that are told something at once; each is told one thing after the other. */
const MAX_AT_ONCE = 8
/** Tries in which one delivery may hold up those behind it. */
const HEAD_TRIES = 5
const LATE = 'It could not be delivered in time.'
const KEPT_MS = 7 * 24 * 60 * 60_000
const KEPT_MOST = 200_000
const PURGE_EVERY = 100
/** A timer of Node's takes no more. */
const LONGEST_TIMER = 2_147_483_647

/**
 * Woken by new deliveries and by one timer. A webhook that does not answer, or answers with a fault of its own, is left
 * alone for a while that doubles, and what waits for it keeps its order; a delivery that it refuses is put back alone, and
 * the next one is tried. What is under way when core is killed is sent again under the same event id.
 */
export function createDeliveryLoop(
  parts: SendParts & {
    readonly store: Store
    readonly events: EventLog
    readonly settings: SettingsStore
    readonly rows: WebhookRows
    readonly log: Log
    /** A webhook has been stopped; told after the commit. */
    onStop(): void
  },
): DeliveryLoop {
  const { store, events, settings, rows, log } = parts
  const stop = new AbortController()
  const busy = new Map<number, Promise<void>>()
  const inHand = new Set<number>()
  const rests = new Map<number, { faults: number; until: number }>()
  let begun = false
  let isScheduled = false
  let timer: NodeJS.Timeout | undefined
  let ended = 0

  const restsUntil = (id: number): number => rests.get(id)?.until ?? 0

  /** The while after so many faults in a row, a fifth more or less. */
  function backoff(faults: number): number {
    const { webhook_retry_base_ms: base, webhook_retry_cap_ms: cap } = settings.settings()
    return Math.round(Math.min(cap, base * 2 ** Math.min(30, faults - 1)) * (0.8 + Math.random() * 0.4))
  }

  function wake(): void {
    if (!begun || isScheduled || stop.signal.aborted) return
    isScheduled = true
    setImmediate(() => uncorrelated(pump))
  }

  function pump(): void {
    isScheduled = false
    clearTimeout(timer)
    if (stop.signal.aborted) return
    const now = Date.now()
    let soonest = Number.POSITIVE_INFINITY
    for (const { webhook_id, at } of rows.due()) {
      if (busy.has(webhook_id)) continue
      const due = Math.max(at, restsUntil(webhook_id))
      if (due > now) soonest = Math.min(soonest, due)
      else if (busy.size < MAX_AT_ONCE) work(webhook_id)
    }
    if (soonest < Number.POSITIVE_INFINITY) timer = setTimeout(wake, Math.min(soonest - now, LONGEST_TIMER))
  }

  function work(id: number): void {
    const done = tell(id)
      .catch((cause: unknown) => {
        log.error('A webhook could not be told', { webhook: id, error: String(cause) })
        // A bug or a disk in trouble must not become a busy loop.
        note(id, false, null)
      })
      .finally(() => {
        busy.delete(id)
        wake()
      })
    busy.set(id, done)
  }

  async function tell(id: number): Promise<void> {
    await store.tryWrite((tx) => rows.giveUpLate(tx, id, Date.now(), LATE))
    while (!stop.signal.aborted && restsUntil(id) <= Date.now()) {
      const hook = rows.get(id)
      const delivery = rows.next(id, Date.now())
      if (hook === undefined || !hook.is_active || delivery === undefined || inHand.has(delivery.id)) return
      await attempt(hook, delivery)
    }
  }

  async function attempt(hook: WebhookRow, delivery: WebhookDeliveryRow): Promise<void> {
    inHand.add(delivery.id)
    try {
      const sent = await sendDelivery(parts, hook, delivery, stop.signal)
      // Cut short by the end of core: the next one tries again.
      if (stop.signal.aborted && sent.status === null) return
      const isTrouble = !sent.gone && isTroubled(sent.status)
      note(hook.id, !isTrouble, sent.retry_after_s)
      const after = next(delivery, sent, isTrouble)
      ended += 1
      const { at, ms, status, error } = sent
      await store.write((tx) => {
        rows.attempted(tx, delivery.id, { at, ms, status, error }, after)
        if (status === 410) {
          stopWebhook(tx, events, hook, 'It answered 410: it wants no more.')
          tx.afterCommit(parts.onStop)
        }
        if (ended % PURGE_EVERY === 0) rows.purge(tx, Date.now() - KEPT_MS, KEPT_MOST)
      })
    } finally {
      inHand.delete(delivery.id)
    }
  }

  function next({ attempts, next_at, give_up_at }: WebhookDeliveryRow, sent: Sent, isTrouble: boolean): AfterAttempt {
    const { status } = sent
    if (status !== null && status >= 200 && status < 300) return { state: 'delivered' }
    if (sent.gone || status === 410) return { state: 'failed', reason: sent.error }
    const now = Date.now()
    if (now >= give_up_at) return { state: 'failed', reason: `${LATE} ${sent.error}` }
    const holdsUp = isTrouble && attempts + 1 < HEAD_TRIES
    return { state: 'waiting', next_at: holdsUp ? next_at : now + backoff(attempts + 1) }
  }

  /** Lets a webhook rest after a fault of its own, and forgets its faults after anything else. */
  function note(id: number, isWell: boolean, retry_after_s: number | null): void {
    if (isWell) {
      rests.delete(id)
      return
    }
    const faults = (rests.get(id)?.faults ?? 0) + 1
    const { webhook_retry_cap_ms: cap } = settings.settings()
    const asked = Math.min((retry_after_s ?? 0) * 1_000, cap)
    rests.set(id, { faults, until: Date.now() + Math.max(backoff(faults), asked) })
  }

  return {
    begin() {
      begun = true
      wake()
    },
    wake,
    restsUntil,
    async tryNow(hook, delivery) {
      if (!inHand.has(delivery.id)) await attempt(hook, delivery)
    },
    async close() {
      stop.abort()
      clearTimeout(timer)
      await Promise.all(busy.values())
    },
  }
}

/** Whether it is the webhook that is in trouble, and not this one delivery: nothing came back, or it said so. */
function isTroubled(status: number | null): boolean {
  return status === null || status >= 500 || status === 429 || status === 408
}
