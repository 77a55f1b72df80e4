import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { z } from 'zod'
import { newWebhookSecret, type WebhookSecret } from '#contract/webhook.ts'
import { useConnection } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useWebhookSecrets } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { useCall } from '../project/use-call.ts'
import { exactTime } from '../texts/figures.ts'
import { webhookSecretTexts as texts } from '../texts/webhooks.ts'
import { ShownOnce } from './shown-once.tsx'

/** What incoming webhooks may be signed with, and where they are sent. */
export function WebhookSecrets() {
  const connection = useConnection()
  const secrets = useWebhookSecrets()
  const hint = texts.hint(connection.kind === 'http' ? new URL('/webhook', connection.base).href : texts.thisBaton)
  return (
    <Section title={texts.title} hint={hint}>
      <NewSecret />
      {secrets.error !== null ? (
        <FaultNote error={secrets.error} retry={() => void secrets.refetch()} />
      ) : secrets.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : (
        <>
          {secrets.data.environment && <p className="text-ink-2">{texts.environment}</p>}
          {secrets.data.items.length > 0 ? (
            <ul aria-label={texts.title} className="divide-y rounded border bg-surface">
              {secrets.data.items.map((secret) => (
                <SecretItem key={secret.id} secret={secret} />
              ))}
            </ul>
          ) : (
            !secrets.data.environment && <p className="text-ink-2">{texts.empty}</p>
          )}
        </>
      )}
    </Section>
  )
}

function useRefresh(): () => void {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ queryKey: keys.webhookSecrets })
}

function NewSecret() {
  const refresh = useRefresh()
  const [name, setName] = useState('')
  const [own, setOwn] = useState('')
  const [made, setMade] = useState<string | null>(null)
  const given = newWebhookSecret.safeParse({ name, ...(own === '' ? {} : { secret: own }) })
  const add = useCall(
    (client, input: z.infer<typeof newWebhookSecret>) => client.webhooks.addSecret(input),
    ({ secret }) => {
      // One that was typed is known already.
      setMade(own === '' ? secret : null)
      setName('')
      setOwn('')
      refresh()
    },
  )
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (given.success) add.run(given.data)
        }}
        className="flex flex-wrap items-start gap-4"
      >
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={texts.own}
          hint={texts.ownHint}
          type="password"
          autoComplete="new-password"
          className="w-80"
          value={own}
          onChange={(event) => setOwn(event.target.value)}
        />
        <Button type="submit" className="mt-5" busy={add.isBusy} disabled={!given.success}>
          {texts.add}
        </Button>
      </form>
      {made !== null && <ShownOnce label={texts.secret} secret={made} />}
    </>
  )
}

function SecretItem({ secret: { id, name, created_at } }: { secret: WebhookSecret }) {
  const [isAsked, setAsked] = useState(false)
  const remove = useCall((client, given: string) => client.webhooks.removeSecret({ id: given }), useRefresh())
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-2">
      <span className="min-w-0 break-words">
        {name} <span className="figures text-ink-3">{texts.since(exactTime(created_at))}</span>
      </span>
      <Button small aria-label={texts.removeOf(name)} onClick={() => setAsked(true)}>
        {texts.remove}
      </Button>
      <ConfirmDialog
        open={isAsked}
        onClose={() => setAsked(false)}
        onConfirm={() => remove.run(id)}
        title={texts.removeTitle(name)}
        action={texts.remove}
        busy={remove.isBusy}
      >
        {texts.removeWhy}
      </ConfirmDialog>
    </li>
  )
}
