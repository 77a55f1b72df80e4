import type { StoredEvent } from '#contract/event.ts'
import { decodeId } from '#contract/ids.ts'
import type { Log } from '../core.ts'
import { uncorrelated } from '../correlation.ts'
import type { EventLog } from '../event/event-log.ts'
import { streamEvents } from '../event/event-stream.ts'
import type { WebhookRow } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import { troubleOf } from '../store/trouble.ts'
import { toldOf } from './outgoing-body.ts'
import type { NewDelivery, WebhookRows } from './webhook-rows.ts'

/** Makes deliveries of what happens, for the webhooks that want it. */
export interface FollowEvents {
  begin(): void
  /** Webhooks have come, gone or changed. */
  changed(): void
  close(): Promise<void>
}

/** Events between two commits of the place, where nobody wants any of them. */
const PLACE_EVERY = 5_000
const BATCH = 500
/** Of one webhook that may wait: past that the oldest are given up. */
const MOST_WAITING = 100_000
const TOO_MANY = `More than ${MOST_WAITING} waited for this webhook, so the oldest were given up.`
const AGAIN_MS = 1_000

/**
 * Reads the log behind a place that is kept with the deliveries made of it, in one transaction: killed at any moment,
 * nothing is left out and nothing is made twice. Reads nothing while no webhook is active.
 */
export function createFollowEvents(
  parts: {
    readonly store: Store
    readonly events: EventLog
    readonly settings: SettingsStore
    readonly rows: WebhookRows
    readonly log: Log
  },
  wake: () => void,
): FollowEvents {
  const { store, events, settings, rows, log } = parts
  const closing = new AbortController()
  let hooks: readonly WebhookRow[] = []
  let begun = false
  let following: Promise<void> | null = null
  let pausing = new AbortController()

  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await readOn(signal)
      } catch (cause) {
        store.report(cause)
        if (troubleOf(cause) === null) log.error('Webhooks do not follow what happens', { error: String(cause) })
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }

  /** Until the stream ends: it does where this is too slow for what happens, and goes on from the place then. */
  async function readOn(signal: AbortSignal): Promise<void> {
    const from = placeToBegin()
    let kept = from
    let batch: NewDelivery[] = []
    let seen = from
    let isFlushing = false
    let fault: unknown = null
    const ended = new AbortController()
    const flush = async (): Promise<void> => {
      const made = batch
      batch = []
      const upTo = seen
      if (made.length === 0 && upTo - kept < PLACE_EVERY) return
      await store.tryWrite((tx) => {
        for (const delivery of made) rows.add(tx, delivery)
        for (const id of new Set(made.map((delivery) => delivery.webhook_id))) {
          rows.giveUpOldest(tx, id, MOST_WAITING, TOO_MANY)
        }
        rows.setCursor(tx, upTo)
      })
      kept = upTo
      if (made.length > 0) wake()
    }
    /** What comes in one turn is written together, while the next is read. */
    const soon = (): void => {
      if (isFlushing) return
      isFlushing = true
      setImmediate(() =>
        flush()
          .catch((cause: unknown) => {
            fault = cause
            ended.abort()
          })
          .finally(() => {
            isFlushing = false
            if (batch.length > 0 && fault === null) soon()
          }),
      )
    }
    const both = AbortSignal.any([signal, ended.signal])
    for await (const item of streamEvents(events, { after: events.id(from) }, both, () => null)) {
      if (item.kind !== 'event') continue
      seen = item.event.seq
      batch.push(...deliveriesOf(item.event))
      soon()
      while (batch.length >= BATCH && fault === null) await new Promise(setImmediate)
    }
    while (isFlushing) await new Promise(setImmediate)
    if (fault !== null) throw fault
    await flush()
  }

  /** After a restore the log may be shorter than it was. */
  function placeToBegin(): number {
    const last = events.lastSeq()
    return Math.min(rows.cursor() ?? last, last)
  }

  function deliveriesOf(event: StoredEvent): NewDelivery[] {
    const wanting = hooks.filter((hook) => hook.since_seq < event.seq && isOf(hook, event))
    if (wanting.length === 0) return []
    const { event: name } = toldOf(event)
    const now = Date.now()
    const { webhook_give_up_ms } = settings.settings()
    return wanting
      .filter(({ events: wanted }) => wanted.includes('*') || wanted.includes(name))
      .map(({ id }) => ({
        ...{ webhook_id: id, event_seq: event.seq, event_id: event.id, event: name },
        ...{ next_at: now, give_up_at: now + webhook_give_up_ms },
      }))
  }

  function changed(): void {
    hooks = rows.active()
    if (!begun || closing.signal.aborted) return
    if (hooks.length === 0) {
      pausing.abort()
      following = null
    } else if (following === null) {
      pausing = new AbortController()
      const signal = AbortSignal.any([pausing.signal, closing.signal])
      following = uncorrelated(() => follow(signal))
    }
  }

  return {
    begin() {
      begun = true
      changed()
    },
    changed,
    async close() {
      closing.abort()
      await following
    },
  }
}

function isOf({ project_id }: WebhookRow, event: StoredEvent): boolean {
  return project_id === null || (event.project_id !== null && decodeId('project', event.project_id) === project_id)
}
