import { useMutation, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { z } from 'zod'
import { addressedProvider, providerId } from '#contract/model.ts'
import type { keyStatus } from '#contract/service.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useModelKeys } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { Input } from '../parts/field.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { modelTexts, keyTexts as texts } from '../texts/settings.ts'
import { ProviderAddress } from './provider-address.tsx'
import { ProviderTest } from './provider-test.tsx'
import { VaultForm } from './vault-form.tsx'

type KeyStatus = z.infer<typeof keyStatus>

/** Keys of providers: where each comes from, and how to set or remove it. A key itself is never shown. */
export function KeySettings() {
  const status = useModelKeys()
  return (
    <Section title={texts.title} hint={texts.hint}>
      {status.error !== null ? (
        <FaultNote error={status.error} retry={() => void status.refetch()} />
      ) : status.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : status.data.length === 0 ? (
        <EmptyState icon={<KeyRound size={28} strokeWidth={1.5} />} title={texts.empty} />
      ) : (
        <>
          <KeychainNote keys={status.data} />
          <VaultForm wanted={status.data.some((key) => key.keychain !== '')} />
          <ul className="divide-y rounded border bg-surface">
            {status.data.map((key) => (
              <KeyRow key={key.provider} status={key} />
            ))}
          </ul>
        </>
      )}
    </Section>
  )
}

/** Why no key can be kept here, which holds for all of them alike. */
export function KeychainNote({ keys }: { keys: readonly KeyStatus[] }) {
  const why = keys.find((key) => key.keychain !== '')?.keychain
  return why === undefined ? null : <p className="text-ink-2">{why}</p>
}

/** A provider: where its key comes from, how it answers, and how to give it another key or address. */
export function KeyRow({ status }: { status: KeyStatus }) {
  const client = useClient()
  const [text, setText] = useState('')
  const [asking, setAsking] = useState(false)
  const store = useKeptStatus()
  const provider = providerId.safeParse(status.provider).data ?? null
  const addressed = addressedProvider.safeParse(status.provider)
  const label = provider === null ? status.provider : modelTexts.providers[provider]
  const set = useMutation({
    mutationFn: (key: string) =>
      provider === null ? Promise.resolve(status) : client.models.setKey({ provider, key }),
    onSuccess: (next) => {
      setText('')
      store(next)
      toastDone(texts.kept(label))
    },
    onError: toastFault,
  })
  const remove = useMutation({
    mutationFn: () => (provider === null ? Promise.resolve(status) : client.models.removeKey({ provider })),
    onSuccess: (next) => {
      store(next)
      toastDone(texts.removed(label))
    },
    onError: toastFault,
    onSettled: () => setAsking(false),
  })
  const canKeep = status.keychain === '' && provider !== null
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex items-center gap-2">
        <span className="text-md font-medium">{label}</span>
        <Chip tone={status.source === 'none' ? 'neutral' : 'good'}>{texts.sources[status.source]}</Chip>
      </div>
      <ProviderTest provider={status.provider} label={label} />
      {canKeep && status.source !== 'environment' && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            set.mutate(text.trim())
          }}
          className="flex max-w-xl gap-2"
        >
          <Input
            type="password"
            aria-label={texts.field(label)}
            placeholder={texts.placeholder}
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="font-mono"
          />
          <Button type="submit" busy={set.isPending} disabled={text.trim().length < 8} title={texts.tooShort}>
            {status.source === 'none' ? texts.set : texts.replace}
          </Button>
          {status.source !== 'none' && (
            <Button variant="danger" busy={remove.isPending} onClick={() => setAsking(true)}>
              {texts.remove}
            </Button>
          )}
        </form>
      )}
      {addressed.success && <ProviderAddress provider={addressed.data} label={label} />}
      <ConfirmDialog
        open={asking}
        title={texts.removeTitle}
        action={texts.remove}
        busy={remove.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate()}
      >
        {texts.removeWhy(label)}
      </ConfirmDialog>
    </li>
  )
}

function useKeptStatus(): (next: KeyStatus) => void {
  const queries = useQueryClient()
  return (next) => {
    queries.setQueryData<KeyStatus[]>(keys.modelKeys, (all) =>
      all?.map((status) => (status.provider === next.provider ? next : status)),
    )
    void queries.invalidateQueries({ queryKey: keys.models })
    void queries.invalidateQueries({ queryKey: keys.services })
    void queries.invalidateQueries({ queryKey: keys.status })
  }
}
