import type { WebhookDelivery } from '#contract/webhook.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { formatMs } from './format.ts'
import { printJson, say } from './output.ts'
import type { Paint } from './paint.ts'
import { printList } from './print-list.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

interface JsonFlag {
  readonly json?: boolean
}

export interface DeliveriesFlags extends JsonFlag {
  readonly limit: number
}

/** `baton webhooks`: whom Baton tells what happens (A5); never the secrets. */
export function listWebhooks({ json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items } = await api.webhooks.list()
    return printList(items, {
      json,
      empty: 'There is no webhook. Add one with: baton webhooks add URL',
      columns: ['id', 'url', 'events', 'project', 'state', 'waiting'].map((title) => ({ title })),
      row: (hook, paint) => [
        hook.id,
        printable(hook.url),
        hook.events.join(', '),
        hook.project_id ?? 'all',
        hook.active ? paint.good('on') : paint.waiting(`off ${printable(hook.reason)}`.trim()),
        String(hook.waiting),
      ],
    })
  })
}

/** `baton webhooks test`: sends one now. Fails where it did not arrive, so that a script can tell. */
export function testWebhook(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const delivery = await api.webhooks.test({ id })
    const isThere = delivery.state === 'delivered'
    if (json) printJson(delivery)
    else say(`${delivery.id} ${isThere ? 'arrived' : 'did not arrive'}. ${outcomeOf(delivery)}`)
    return isThere ? EXIT.done : EXIT.failed
  })
}

/** `baton webhooks deliveries`: what was sent to one, newest first. */
export function listDeliveries(id: string, { json, limit }: DeliveriesFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items } = await api.webhooks.deliveries({ id, limit })
    return printList(items, {
      json,
      empty: `Nothing was sent to ${id} in the last week.`,
      columns: ['id', 'event', 'when', 'state', 'tries', 'last try'].map((title) => ({ title })),
      row: (delivery, paint) => [
        delivery.id,
        delivery.event,
        delivery.created_at,
        stateOf(delivery, paint),
        String(delivery.attempts),
        outcomeOf(delivery),
      ],
    })
  })
}

function stateOf({ state }: WebhookDelivery, paint: Paint): string {
  if (state === 'delivered') return paint.good(state)
  return state === 'failed' ? paint.bad(state) : paint.waiting(state)
}

function outcomeOf({ reason, tries: [last] }: WebhookDelivery): string {
  if (reason !== '') return printable(reason)
  if (last === undefined) return ''
  return last.error === '' ? `${last.status} after ${formatMs(last.ms)}` : printable(last.error)
}
