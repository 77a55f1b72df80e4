import { createHash } from 'node:crypto'
import { asc } from 'drizzle-orm'
import { type IncomingWebhook, incomingWebhook } from '#contract/incoming-webhook.ts'
import { ok, type Result } from '#contract/result.ts'
import type { JobState } from '#contract/states.ts'
import type { WebhookTaken } from '#contract/webhook.ts'
import type { Core, JobReport, ReceivedWebhook, WebhookMessage } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { KeptSecrets } from '../secret/kept-secrets.ts'
import { webhookSecret } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { type SignatureFault, TOLERANCE_S, verify } from './signature.ts'
import { incomingName } from './webhook-secrets.ts'

/** Takes webhooks that come in (A5). */
export interface Incoming {
  receive(message: WebhookMessage): Promise<ReceivedWebhook>
  /** Secrets have come or gone. */
  changed(): void
}

const WHY: Readonly<Record<SignatureFault, string>> = {
  missing: 'it has no X-Signature. Send one: t=<unix seconds>,v1=<hex of HMAC-SHA256 over "t.body">',
  malformed: 'its X-Signature cannot be read. It must look like t=<unix seconds>,v1=<64 hex digits>',
  wrong: 'its X-Signature was made with another secret or for another body. Sign the bytes that are sent',
  stale: `it was signed more than ${TOLERANCE_S} s ago, or ahead. Sign each try anew, and look at both clocks`,
}
const NO_SECRET =
  'Webhooks are not taken, because no secret is set to know them by. Set WEBHOOK_SECRET, or have an admin make one: POST /api/webhook-secrets with a name'
/** A signature is good for twice the tolerance; event ids are remembered for as long as senders usually try. */
const REPLAY_MS = 4 * TOLERANCE_S * 1_000
const EVENT_MS = 48 * 60 * 60_000
const MOST_KEPT = 1_000_000
const PURGE_EVERY = 128
const PURGE_MAX = 512

/** The same message came twice at once; its transaction is rolled back. */
class TakenMeanwhile extends Error {}

/**
 * A webhook is taken in one transaction: what it says of its job, and that it was taken. So it counts once, over restarts
 * and crashes too, and one that was refused may come again.
 */
export function createIncoming(parts: {
  readonly store: Store
  readonly secrets: KeptSecrets
  /** Of the environment. */
  readonly environment: string | undefined
  readonly report: Core['jobs']['report']
}): Incoming {
  const { store, secrets, environment, report } = parts
  const { sqlite } = store
  const byDigest = sqlite.prepare<[string], number>('SELECT 1 FROM webhook_received WHERE digest = ?').pluck()
  const byEvent = sqlite.prepare<[string], string>('SELECT body_hash FROM webhook_received WHERE event_id = ?').pluck()
  const insert = sqlite.prepare(
    `INSERT INTO webhook_received (digest, event_id, body_hash, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const purge = sqlite.prepare(
    `DELETE FROM webhook_received WHERE id IN (
       SELECT id FROM webhook_received WHERE at < @replay AND (event_id IS NULL OR at < @event
         OR id <= (SELECT seq FROM sqlite_sequence WHERE name = 'webhook_received') - ${MOST_KEPT})
       ORDER BY at LIMIT ${PURGE_MAX})`,
  )
  let loading: Promise<readonly string[]> | null = null
  let taken = 0

  async function load(): Promise<readonly string[]> {
    const rows = store.orm.select().from(webhookSecret).orderBy(asc(webhookSecret.id)).all()
    const found = await Promise.all(rows.map(({ id }) => secrets.get(incomingName(id))))
    const kept = found.flatMap((one) => (one.ok && one.value !== null ? [one.value] : []))
    // A keychain that did not answer is asked again with the next webhook.
    if (found.some((one) => !one.ok)) loading = null
    return environment === undefined ? kept : [environment, ...kept]
  }

  /** In the transaction of the report. */
  function note(digest: string, eventId: string | undefined, bodyHash: string): void {
    const now = Date.now()
    if (insert.run(digest, eventId ?? null, bodyHash, now).changes === 0) throw new TakenMeanwhile()
    taken += 1
    if (taken % PURGE_EVERY === 0) purge.run({ replay: now - REPLAY_MS, event: now - EVENT_MS })
  }

  async function take(
    given: IncomingWebhook,
    eventId: string | undefined,
    digest: string,
    bodyHash: string,
  ): Promise<Result<WebhookTaken, Refusal>> {
    const { task_id } = given
    const before = eventId === undefined ? undefined : byEvent.get(eventId)
    if (before !== undefined) {
      if (before === bodyHash) return ok({ status: 'duplicate', event_id: eventId ?? null, task_id })
      return refuse('conflict', `The event ${eventId} was taken before, with another body. Give each event its own id.`)
    }
    const read = reportOf(given)
    if (!read.ok) return read
    const told = await report(read.value, null, (_: Tx) => note(digest, eventId, bodyHash))
    return told.ok ? ok({ status: 'accepted', event_id: eventId ?? null, task_id }) : told
  }

  return {
    changed() {
      loading = null
    },
    async receive({ signature, event_id, body }) {
      loading ??= load()
      const known = await loading.catch((cause: unknown) => {
        // The next webhook asks again: a disk in trouble must not shut the door for good.
        loading = null
        throw cause
      })
      if (known.length === 0) return { verdict: 'unset', answer: refuse('unavailable', NO_SECRET) }
      const verified = verify(signature, body, known, Date.now())
      if (!verified.ok) {
        const message = `The webhook was not taken, because ${WHY[verified.error]}.`
        return { verdict: verified.error, answer: refuse('unauthorized', message) }
      }
      const digest = verified.value
      if (byDigest.get(digest) !== undefined) return replayed()
      const given = readBody(body)
      if (!given.ok) return { verdict: 'verified', answer: given }
      const eventId = given.value.id ?? event_id
      if (eventId !== undefined && eventId.length > 200) {
        return { verdict: 'verified', answer: refuse('bad_request', 'An event id has 200 characters at most.') }
      }
      const bodyHash = createHash('sha256').update(body).digest('base64url')
      try {
        return { verdict: 'verified', answer: await take(given.value, eventId, digest, bodyHash) }
      } catch (cause) {
        if (!(cause instanceof TakenMeanwhile)) throw cause
        return replayed()
      }
    },
  }
}

function replayed(): ReceivedWebhook {
  const message =
    'This very message was taken before, so it was not taken again. Sign each try anew, with the same event id.'
  return { verdict: 'replayed', answer: refuse('conflict', message, { webhook: 'replayed' }) }
}

function readBody(body: Uint8Array): Result<IncomingWebhook, Refusal> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    return refuse('bad_request', `The webhook is no JSON (${(cause as Error).message}). Correct it and send it again.`)
  }
  const read = incomingWebhook.safeParse(json)
  if (read.success) return ok(read.data)
  const faults = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
  const words = faults.slice(0, 3).map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
  return refuse(
    'bad_request',
    `The webhook was not understood: ${words.join('; ')}. Correct it and send it again.`,
    faults,
  )
}

const GOOD = /^(success|succeeded|completed|done|ok)$/i
const BAD = /^(failed|failure|error|cancelled|canceled|timeout|timed_out)$/i
const CANCELLED = /^cancell?ed$/i

/** What a webhook says of its job. The event decides; a status that says the opposite is refused. */
function reportOf({ event, task_id, core_id, status, data }: IncomingWebhook): Result<JobReport, Refusal> {
  const says = (state: JobState): Result<JobReport, Refusal> => {
    const text = [data['message'], data['error'], data['reason']].find((one) => typeof one === 'string')
    const token = data['token']
    return ok({
      ...{ task_id, core_id: core_id ?? undefined, status: state },
      ...(text !== undefined && { message: text.slice(0, 2_000) }),
      ...(typeof token === 'number' && Number.isSafeInteger(token) && { token }),
      ...(state === 'succeeded' && { result: 'result' in data ? data['result'] : data }),
    })
  }
  if (event === 'task.progress') return says('running')
  if (event === 'task.completed' ? BAD.test(status) : GOOD.test(status)) {
    return refuse(
      'bad_request',
      `The webhook says ${event} and "${status}", which cannot both be. Correct one of them.`,
    )
  }
  if (event === 'task.completed') return says('succeeded')
  return says(CANCELLED.test(status) ? 'cancelled' : 'failed')
}
