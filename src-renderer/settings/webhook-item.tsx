import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { LEADS_NOWHERE_PUBLIC } from '#contract/host.ts'
import type { Webhook, WebhookDelivery } from '#contract/webhook.ts'
import { keys } from '../client/keys.ts'
import { useProjects } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { useCall } from '../project/use-call.ts'
import { exactTime } from '../texts/figures.ts'
import { testResult, webhookTexts as texts } from '../texts/webhooks.ts'
import { ShownOnce } from './shown-once.tsx'
import { WebhookLog } from './webhook-log.tsx'
import { WebhookUrl } from './webhook-url.tsx'

/** One webhook: what it is told, how it stands, and what can be done with it. */
export function WebhookItem({ hook }: { hook: Webhook }) {
  const queries = useQueryClient()
  const projects = useProjects()
  const [asked, setAsked] = useState<'edit' | 'log' | 'rotate' | 'remove' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const refresh = () => void queries.invalidateQueries({ queryKey: keys.webhooks })
  const close = () => setAsked(null)
  const change = useCall(
    (client, active: boolean) => client.webhooks.change({ id: hook.id, active }),
    (changed) =>
      queries.setQueryData<Webhook[]>(keys.webhooks, (all) =>
        all?.map((one) => (one.id === changed.id ? changed : one)),
      ),
  )
  const rotate = useCall(
    (client, id: string) => client.webhooks.rotate({ id }),
    (made) => {
      setSecret(made.secret)
      close()
      refresh()
    },
  )
  const remove = useCall(
    (client, id: string) => client.webhooks.remove({ id }),
    () => {
      close()
      refresh()
    },
  )
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex items-start justify-between gap-4">
        <span className="font-mono text-xs break-all select-text">{hook.url}</span>
        <label className="flex items-center gap-1.5 whitespace-nowrap">
          <input
            type="checkbox"
            aria-label={texts.switchOf(hook.url)}
            checked={hook.active}
            disabled={change.isBusy}
            onChange={(event) => change.run(event.target.checked)}
          />
          <span aria-hidden>{hook.active ? texts.isOn : texts.isOff}</span>
        </label>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {hook.events.map((event) => (
          <Chip key={event} title={event}>
            {nameOf(event)}
          </Chip>
        ))}
        {hook.project_id !== null && (
          <Chip tone="accent">{projects.data?.find(({ id }) => id === hook.project_id)?.name ?? texts.aProject}</Chip>
        )}
        {hook.waiting > 0 && <span className="figures text-xs text-needs">{texts.waiting(hook.waiting)}</span>}
      </div>
      {hook.reason !== '' && <p className="text-bad">{texts.offWhy(hook.reason)}</p>}
      {hook.former_secret_until !== null && (
        <p className="text-xs text-ink-3">{texts.formerUntil(exactTime(hook.former_secret_until))}</p>
      )}
      <WebhookTest key={hook.url} hook={hook}>
        <Button small aria-label={texts.editOf(hook.url)} onClick={() => setAsked('edit')}>
          {texts.edit}
        </Button>
        <Button small aria-label={texts.logOf(hook.url)} onClick={() => setAsked('log')}>
          {texts.log}
        </Button>
        <Button small aria-label={texts.rotateOf(hook.url)} onClick={() => setAsked('rotate')}>
          {texts.rotate}
        </Button>
        <Button small aria-label={texts.removeOf(hook.url)} onClick={() => setAsked('remove')}>
          {texts.remove}
        </Button>
      </WebhookTest>
      {secret !== null && <ShownOnce label={texts.secret} secret={secret} />}
      {asked === 'edit' && <WebhookUrl hook={hook} onClose={close} />}
      {asked === 'log' && <WebhookLog hook={hook} onClose={close} />}
      <ConfirmDialog
        open={asked === 'rotate'}
        onClose={close}
        onConfirm={() => rotate.run(hook.id)}
        title={texts.rotateTitle}
        action={texts.rotate}
        busy={rotate.isBusy}
      >
        {texts.rotateWhy}
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === 'remove'}
        onClose={close}
        onConfirm={() => remove.run(hook.id)}
        title={texts.removeTitle}
        action={texts.remove}
        busy={remove.isBusy}
      >
        {texts.removeWhy}
      </ConfirmDialog>
    </li>
  )
}

/** The button that tests a webhook, beside `children`, and under them how the test went. */
function WebhookTest({ hook, children }: { hook: Webhook; children: ReactNode }) {
  const queries = useQueryClient()
  const [result, setResult] = useState<WebhookDelivery | null>(null)
  const test = useCall(
    async (client, private_host: string | null) => {
      if (private_host !== null) await client.webhooks.change({ id: hook.id, private_host })
      return client.webhooks.test({ id: hook.id })
    },
    (delivery) => {
      setResult(delivery)
      void queries.invalidateQueries({ queryKey: keys.webhooks })
    },
  )
  const { host } = new URL(hook.url)
  const isOwnHost = hook.private_host === null && result?.tries[0]?.error.includes(LEADS_NOWHERE_PUBLIC) === true
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button small aria-label={texts.testOf(hook.url)} busy={test.isBusy} onClick={() => test.run(null)}>
          {texts.test}
        </Button>
        {children}
      </div>
      <div role="status" className="flex flex-wrap items-center gap-2 empty:hidden">
        {result !== null && (
          <p className={result.state === 'delivered' ? 'text-good' : 'text-bad'}>{testResult(result)}</p>
        )}
        {isOwnHost && (
          <>
            <p className="text-ink-2">{texts.ownHost(host)}</p>
            <Button small busy={test.isBusy} onClick={() => test.run(host)}>
              {texts.reach(host)}
            </Button>
          </>
        )}
      </div>
    </>
  )
}

function nameOf(event: string): string {
  if (event === '*') return texts.everything
  return Object.entries(texts.eventNames).find(([name]) => name === event)?.[1] ?? event
}
