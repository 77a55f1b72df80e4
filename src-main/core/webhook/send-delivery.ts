import type { StoredEvent } from '#contract/event.ts'
import { toTimestamp } from '#contract/time.ts'
import { checkedPost } from '../network/checked-post.ts'
import type { Reach } from '../network/reach.ts'
import type { KeptSecrets } from '../secret/kept-secrets.ts'
import type { WebhookDeliveryRow, WebhookRow } from '../store/schema.ts'
import { toldOf } from './outgoing-body.ts'
import { sign } from './signature.ts'
import type { Attempt } from './webhook-rows.ts'
import { signingSecrets } from './webhook-secrets.ts'

/** How one try went. `gone`: there is nothing to tell any more. */
export interface Sent extends Attempt {
  readonly retry_after_s: number | null
  readonly gone: boolean
}

export interface SendParts {
  readonly secrets: KeptSecrets
  /** Of the internet alone, and for hosts that a person has named. */
  readonly reach: { readonly public: Reach; readonly named: Reach }
  eventAt(seq: number): StoredEvent | undefined
}

const LIMITS = { time_ms: 10_000, bytes: 65_536 }

/** Sends one delivery, once: signed anew, under the event id that it always has. */
export async function sendDelivery(
  { secrets, reach, eventAt }: SendParts,
  hook: WebhookRow,
  delivery: WebhookDeliveryRow,
  stop: AbortSignal,
): Promise<Sent> {
  const at = Date.now()
  const not = (error: string, gone = false): Sent => {
    return { at, ms: Date.now() - at, status: null, error, retry_after_s: null, gone }
  }
  const content = contentOf(delivery, eventAt)
  if (content === null) return not('What happened is not in the log any more.', true)
  const signing = await signingSecrets(secrets, hook, at)
  if (!signing.ok) return not(signing.error)
  const url = new URL(hook.url)
  const door = hook.private_host === url.host ? reach.named : reach.public
  const body = Buffer.from(JSON.stringify(content))
  const headers = {
    'content-type': 'application/json',
    'x-event-id': delivery.event_id,
    'x-signature': sign(signing.value, body, Date.now()),
  }
  const posted = await checkedPost(url, headers, body, door, LIMITS, stop)
  if (!posted.ok) return not(posted.error)
  const { status, retry_after_s } = posted.value
  return { at, ms: Date.now() - at, status, error: status < 300 ? '' : wordsOf(status), retry_after_s, gone: false }
}

function contentOf(
  { event, event_id, event_seq, created_at }: WebhookDeliveryRow,
  eventAt: SendParts['eventAt'],
): object | null {
  if (event_seq === null) return { id: event_id, event, timestamp: toTimestamp(created_at), data: {} }
  const stored = eventAt(event_seq)
  return stored === undefined ? null : toldOf(stored).body
}

function wordsOf(status: number): string {
  if (status < 400) return `It answered ${status}: redirects are not followed. Give the URL that they lead to.`
  return `It answered ${status}.`
}
