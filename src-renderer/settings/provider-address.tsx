import { useState } from 'react'
import { type AddressedProvider, baseUrls } from '#contract/model.ts'
import { useSettings } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Input } from '../parts/field.tsx'
import { providerTexts as texts } from '../texts/settings.ts'
import { useChangeSettings } from './use-change-settings.ts'

/** Where a provider is reached: its usual address, or one that a person enters. Empty means the usual one. */
export function ProviderAddress({ provider, label }: { provider: AddressedProvider; label: string }) {
  const settings = useSettings()
  const change = useChangeSettings()
  const [draft, setDraft] = useState<string | null>(null)
  if (settings.data === undefined) return null
  const known = settings.data.base_urls[provider] ?? ''
  const text = (draft ?? known).trim()
  const isValid = text === '' || baseUrls.safeParse({ [provider]: text }).success
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const { [provider]: _, ...others } = settings.data.base_urls
        change.mutate(
          { base_urls: text === '' ? others : { ...others, [provider]: text } },
          { onSuccess: () => setDraft(null) },
        )
      }}
      className="flex max-w-xl gap-2"
    >
      <Input
        type="url"
        aria-label={texts.address(label)}
        aria-invalid={!isValid}
        placeholder={texts.usual[provider]}
        autoComplete="off"
        spellCheck={false}
        value={draft ?? known}
        onChange={(event) => setDraft(event.target.value)}
        className="font-mono"
      />
      <Button type="submit" busy={change.isPending} disabled={!isValid || text === known} title={texts.addressHint}>
        {texts.saveAddress}
      </Button>
    </form>
  )
}
