import { useQueryClient } from '@tanstack/react-query'
import type { Webhook, WebhookDelivery } from '#contract/webhook.ts'
import { keys } from '../client/keys.ts'
import { useWebhookDeliveries } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { useCall } from '../project/use-call.ts'
import { duration, exactTime } from '../texts/figures.ts'
import { deliveryTexts as texts, webhookTexts } from '../texts/webhooks.ts'

const TONES = { waiting: 'needs', delivered: 'good', failed: 'bad' } as const

/** What was sent to a webhook, newest first, and how each last try went. */
export function WebhookLog({ hook, onClose }: { hook: Webhook; onClose: () => void }) {
  const log = useWebhookDeliveries(hook.id)
  const rows = log.data?.pages.flatMap(({ items }) => items)
  return (
    <Dialog open wide reading onClose={onClose} title={webhookTexts.logOf(hook.url)}>
      <p className="pb-2 text-ink-2">{texts.hint}</p>
      {log.error !== null ? (
        <FaultNote error={log.error} retry={() => void log.refetch()} />
      ) : rows === undefined ? (
        <SkeletonRows />
      ) : rows.length === 0 ? (
        <p className="text-ink-2">{texts.empty}</p>
      ) : (
        <Table aria-label={webhookTexts.log}>
          <thead>
            <tr>
              <Th className="w-full">{texts.columns.event}</Th>
              <Th>{texts.columns.when}</Th>
              <Th>{texts.columns.state}</Th>
              <Th numeric>{texts.columns.tries}</Th>
              <Th numeric>{texts.columns.status}</Th>
              <Th numeric>{texts.columns.took}</Th>
              <Th />
            </tr>
          </thead>
          <tbody>
            {rows.map((delivery) => (
              <DeliveryRow key={delivery.id} delivery={delivery} isActive={hook.active} />
            ))}
          </tbody>
        </Table>
      )}
      {log.hasNextPage && (
        <div className="pt-3">
          <Button small busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {texts.more}
          </Button>
        </div>
      )}
    </Dialog>
  )
}

function DeliveryRow({ delivery, isActive }: { delivery: WebhookDelivery; isActive: boolean }) {
  const queries = useQueryClient()
  const again = useCall(
    (client, id: string) => client.webhooks.redeliver({ id }),
    () => void queries.invalidateQueries({ queryKey: keys.webhookDeliveries(delivery.webhook_id) }),
  )
  const [last] = delivery.tries
  const why = delivery.reason === '' ? (last?.error ?? '') : delivery.reason
  return (
    <tr>
      <Td title={delivery.event_id}>
        <span className="font-mono text-xs">{delivery.event}</span>
        {why !== '' && <p className="text-xs break-words text-bad">{why}</p>}
        {delivery.next_at !== null && delivery.attempts > 0 && (
          <p className="text-xs text-ink-3">{texts.nextAt(exactTime(delivery.next_at))}</p>
        )}
      </Td>
      <Td className="figures whitespace-nowrap">{exactTime(delivery.created_at)}</Td>
      <Td>
        <Chip tone={TONES[delivery.state]}>{texts.states[delivery.state]}</Chip>
      </Td>
      <Td numeric>{delivery.attempts}</Td>
      <Td numeric>{last?.status ?? texts.none}</Td>
      <Td numeric className="whitespace-nowrap">
        {last === undefined ? texts.none : duration(last.ms)}
      </Td>
      <Td>
        {(delivery.state !== 'waiting' || delivery.attempts > 0) && (
          <Button
            small
            aria-label={texts.againOf(delivery.event, delivery.event_id)}
            disabled={!isActive}
            busy={again.isBusy}
            onClick={() => again.run(delivery.id)}
          >
            {texts.again}
          </Button>
        )}
      </Td>
    </tr>
  )
}
