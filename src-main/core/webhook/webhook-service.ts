import { randomBytes } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Webhook, WebhookDelivery, WebhookSecret } from '#contract/webhook.ts'
import type { Core, Log, NetworkDoor } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { whyNotNamed } from '../network/public-address.ts'
import { createReach, type Reach } from '../network/reach.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { KeptSecrets } from '../secret/kept-secrets.ts'
import { type WebhookDeliveryRow, type WebhookRow, webhook, webhookSecret } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { createDeliveryLoop } from './delivery-loop.ts'
import { createFollowEvents } from './follow-events.ts'
import { createIncoming } from './incoming.ts'
import { createWebhookRows } from './webhook-rows.ts'
import { incomingName, outgoingName } from './webhook-secrets.ts'

export interface Webhooks {
  readonly service: Core['webhooks']
  /** From now on webhooks are told what happens. */
  begin(): void
  close(): Promise<void>
}

export interface WebhookParts {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly secrets: KeptSecrets
  /** Of the internet alone. */
  readonly reach: Reach
  /** How names are looked up, where it is not the system's way. */
  readonly network: NetworkDoor | undefined
  /** A secret for incoming webhooks that the environment gives. */
  readonly incoming_secret: string | undefined
  readonly report: Core['jobs']['report']
  readonly hasProject: (key: number) => boolean
  readonly log: Log
}

type Change = 'created' | 'changed' | 'rotated' | 'removed' | 'secret_added' | 'secret_removed'
const SHOWN_TRIES = 10
const HOUR_MS = 3_600_000

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64url')}`

/** Webhooks out and in (A5). */
export function createWebhooks(parts: WebhookParts): Webhooks {
  const { store, events, settings, secrets } = parts
  const rows = createWebhookRows(store)
  const reach = { public: parts.reach, named: createReach({ ...parts.network, whyNot: whyNotNamed }) }
  const eventAt = (seq: number) => events.list({ after: seq - 1, limit: 1 }).find((event) => event.seq === seq)
  const loop = createDeliveryLoop({ ...parts, rows, reach, eventAt, onStop: () => follow.changed() })
  const follow = createFollowEvents({ ...parts, rows }, loop.wake)
  const { report, incoming_secret: environment } = parts
  const incoming = createIncoming({ store, secrets, environment, report })

  function view({ id, is_active, created_at, former_until, project_id, ...row }: WebhookRow): Webhook {
    return {
      ...{ id: encodeId('webhook', id), url: row.url, events: row.events, private_host: row.private_host },
      project_id: project_id === null ? null : encodeId('project', project_id),
      active: is_active,
      reason: row.reason,
      created_at: toTimestamp(created_at),
      former_secret_until: toTimestampOrNull(former_until !== null && former_until > Date.now() ? former_until : null),
      waiting: rows.waiting(id),
    }
  }

  function deliveryView(row: WebhookDeliveryRow): WebhookDelivery {
    const next = Math.max(row.next_at, loop.restsUntil(row.webhook_id))
    return {
      id: encodeId('webhook_delivery', row.id),
      webhook_id: encodeId('webhook', row.webhook_id),
      ...{ event_id: row.event_id, event: row.event, state: row.state, reason: row.reason, attempts: row.attempts },
      next_at: row.state === 'waiting' ? toTimestamp(next) : null,
      created_at: toTimestamp(row.created_at),
      tries: rows.attempts(row.id, SHOWN_TRIES).map(({ at, ms, status, error }) => {
        return { at: toTimestamp(at), ms, status, error }
      }),
    }
  }

  const note = (tx: Tx, id: string, change: Change, detail = ''): void =>
    events.append(tx, 'webhook.changed', {}, { id, change, detail })

  function find(id: string): Result<WebhookRow, Refusal> {
    const row = rows.get(decodeId('webhook', id) ?? -1)
    return row === undefined ? refuse('not_found', `There is no webhook ${id}.`) : ok(row)
  }

  function again(id: number): Result<Webhook, Refusal> {
    const row = rows.get(id)
    return row === undefined ? refuse('not_found', 'The webhook was removed meanwhile.') : ok(view(row))
  }

  /** What a person gave, as it is kept; refused where it cannot be meant. */
  function checked(given: {
    url: string
    private_host: string | null
    project_id: string | null
  }): Result<{ url: string; private_host: string | null; project_id: number | null }, Refusal> {
    const url = new URL(given.url)
    if (url.username !== '' || url.password !== '') {
      return refuse('bad_request', 'A URL with a user name or password is not told anything. Leave them out.')
    }
    url.hash = ''
    if (given.private_host !== null && given.private_host !== url.host) {
      return refuse(
        'bad_request',
        `The private host must be that of the URL, "${url.host}", not "${given.private_host}": it says that you mean it.`,
      )
    }
    const project_id = given.project_id === null ? null : decodeId('project', given.project_id)
    if (given.project_id !== null && (project_id === null || !parts.hasProject(project_id))) {
      return refuse('bad_request', `There is no project ${given.project_id}.`)
    }
    return ok({ url: url.href, private_host: given.private_host, project_id })
  }

  async function keep(name: string, secret: string): Promise<Result<void, Refusal>> {
    const kept = await secrets.set(name, secret)
    return kept.ok ? kept : refuse('unavailable', `The secret could not be kept: ${kept.error}`)
  }

  /** Nothing that happened before somebody listened is told. */
  function startFromNow(tx: Tx): number {
    const last = events.lastSeq()
    if (rows.active().length === 0) rows.setCursor(tx, last)
    return last
  }

  const service: Core['webhooks'] = {
    list: () => rows.all().map(view),
    async create({ events: wanted, ...given }) {
      const fit = checked(given)
      if (!fit.ok) return fit
      const secret = newSecret()
      const id = await store.tryWrite((tx) => {
        const since_seq = startFromNow(tx)
        const values = { ...fit.value, events: wanted, is_active: false, since_seq, created_at: Date.now() }
        const made = tx.orm.insert(webhook).values(values).returning({ id: webhook.id }).get().id
        note(tx, encodeId('webhook', made), 'created', fit.value.url)
        return made
      })
      const kept = await keep(outgoingName(id, 1), secret)
      await store.tryWrite((tx) => {
        // Only what can be signed is ever told.
        if (kept.ok) tx.orm.update(webhook).set({ is_active: true }).where(eq(webhook.id, id)).run()
        else tx.orm.delete(webhook).where(eq(webhook.id, id)).run()
      })
      if (!kept.ok) return kept
      follow.changed()
      const made = again(id)
      return made.ok ? ok({ ...made.value, secret }) : made
    },
    async change({ id, active, events: wanted, ...given }) {
      const found = find(id)
      if (!found.ok) return found
      const { id: key, url, private_host, project_id, is_active } = found.value
      const fit = checked({
        url: given.url ?? url,
        private_host:
          given.private_host === undefined ? stillMeant(private_host, given.url ?? url) : given.private_host,
        project_id:
          given.project_id === undefined
            ? project_id === null
              ? null
              : encodeId('project', project_id)
            : given.project_id,
      })
      if (!fit.ok) return fit
      await store.tryWrite((tx) => {
        const wakes = active === true && !is_active ? { since_seq: startFromNow(tx) } : {}
        const told = wanted === undefined ? {} : { events: wanted }
        const on = active === undefined ? {} : { is_active: active, reason: '' }
        tx.orm
          .update(webhook)
          .set({ ...fit.value, ...told, ...on, ...wakes })
          .where(eq(webhook.id, key))
          .run()
        note(tx, id, 'changed', fit.value.url)
      })
      follow.changed()
      loop.wake()
      return again(key)
    },
    async remove(id) {
      const found = find(id)
      if (!found.ok) return found
      const { id: key, secret } = found.value
      await store.tryWrite((tx) => {
        tx.orm.delete(webhook).where(eq(webhook.id, key)).run()
        note(tx, id, 'removed', found.value.url)
      })
      follow.changed()
      for (const version of [secret, secret - 1].filter((one) => one > 0)) {
        const gone = await secrets.remove(outgoingName(key, version))
        if (!gone.ok) parts.log.warn('A secret could not be removed', { webhook: id, error: gone.error })
      }
      return ok(undefined)
    },
    async rotate(id, overlapHours) {
      const found = find(id)
      if (!found.ok) return found
      const { id: key, secret: version } = found.value
      const secret = newSecret()
      const kept = await keep(outgoingName(key, version + 1), secret)
      if (!kept.ok) return kept
      await store.tryWrite((tx) => {
        const former_until = overlapHours === 0 ? null : Date.now() + overlapHours * HOUR_MS
        tx.orm
          .update(webhook)
          .set({ secret: version + 1, former_until })
          .where(eq(webhook.id, key))
          .run()
        note(tx, id, 'rotated')
      })
      if (version > 1) await secrets.remove(outgoingName(key, version - 1))
      const made = again(key)
      return made.ok ? ok({ ...made.value, secret }) : made
    },
    async test(id) {
      const found = find(id)
      if (!found.ok) return found
      const { webhook_give_up_ms } = settings.settings()
      const now = Date.now()
      const event_id = `trial-${randomBytes(9).toString('base64url')}`
      const made = await store.tryWrite((tx) =>
        rows.add(tx, {
          ...{ webhook_id: found.value.id, event_seq: null, event_id, event: 'webhook.test' },
          ...{ next_at: now + HOUR_MS, give_up_at: now + webhook_give_up_ms },
        }),
      )
      const delivery = made === null ? undefined : rows.delivery(made)
      if (delivery === undefined) return refuse('not_found', `There is no webhook ${id}.`)
      await loop.tryNow(found.value, delivery)
      return ok(deliveryView(rows.delivery(delivery.id) ?? delivery))
    },
    deliveries(id, { limit, cursor }) {
      const found = find(id)
      if (!found.ok) return found
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : (decodeId('webhook_delivery', cursor) ?? 0)
      const page = rows.deliveries(found.value.id, before, limit + 1)
      const items = page.slice(0, limit).map(deliveryView)
      return ok({ items, next_cursor: page.length > limit ? (items.at(-1)?.id ?? null) : null })
    },
    async redeliver(id) {
      const delivery = rows.delivery(decodeId('webhook_delivery', id) ?? -1)
      if (delivery === undefined) return refuse('not_found', `There is no delivery ${id}; the log keeps a week.`)
      const hook = rows.get(delivery.webhook_id)
      if (hook?.is_active !== true) {
        return refuse('conflict', 'Its webhook is switched off, so nothing is sent. Switch it on first.')
      }
      const { webhook_give_up_ms } = settings.settings()
      await store.tryWrite((tx) => rows.again(tx, delivery.id, Date.now(), Date.now() + webhook_give_up_ms))
      loop.wake()
      return ok(deliveryView(rows.delivery(delivery.id) ?? delivery))
    },
    secrets: () => ({
      environment: environment !== undefined,
      items: store.orm.select().from(webhookSecret).orderBy(asc(webhookSecret.id)).all().map(secretView),
    }),
    async addSecret({ name, secret = newSecret() }) {
      const row = await store.tryWrite((tx) => {
        const made = tx.orm.insert(webhookSecret).values({ name, created_at: Date.now() }).returning().get()
        note(tx, encodeId('webhook_secret', made.id), 'secret_added', name)
        return made
      })
      const kept = await keep(incomingName(row.id), secret)
      if (!kept.ok) {
        await store.tryWrite((tx) => tx.orm.delete(webhookSecret).where(eq(webhookSecret.id, row.id)).run())
        return kept
      }
      incoming.changed()
      return ok({ ...secretView(row), secret })
    },
    async removeSecret(id) {
      const key = decodeId('webhook_secret', id) ?? -1
      const removed = await store.tryWrite((tx) => {
        const gone = tx.orm.delete(webhookSecret).where(eq(webhookSecret.id, key)).run().changes > 0
        if (gone) note(tx, id, 'secret_removed')
        return gone
      })
      incoming.changed()
      if (!removed) return refuse('not_found', `There is no secret ${id}.`)
      const gone = await secrets.remove(incomingName(key))
      if (!gone.ok) parts.log.warn('A secret could not be removed', { secret: id, error: gone.error })
      return ok(undefined)
    },
    receive: incoming.receive,
  }

  return {
    service,
    begin() {
      follow.begin()
      loop.begin()
    },
    async close() {
      await follow.close()
      await loop.close()
    },
  }
}

/** What was said of one host says nothing of another. */
function stillMeant(privateHost: string | null, url: string): string | null {
  return privateHost === new URL(url).host ? privateHost : null
}

function secretView({ id, name, created_at }: typeof webhookSecret.$inferSelect): WebhookSecret {
  return { id: encodeId('webhook_secret', id), name, created_at: toTimestamp(created_at) }
}
