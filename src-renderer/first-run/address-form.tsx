import { useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { serviceUrls } from '#contract/service-addresses.ts'
import type { SetupItem } from '#contract/setup.ts'
import { keys } from '../client/keys.ts'
import { useSettings } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { useChangeSettings } from '../settings/use-change-settings.ts'
import { firstRunTexts } from '../texts/first-run.ts'

const texts = firstRunTexts.fix

/** Where a server is, if not at its usual place. It is asked there at once. */
export function AddressForm({ server, item }: { server: 'ollama' | 'comfyui'; item: SetupItem }) {
  const settings = useSettings()
  const queries = useQueryClient()
  const change = useChangeSettings()
  const [draft, setDraft] = useState<string | null>(null)
  const formId = useId()
  if (item.fixed_by !== null) return <p className="text-ink-2">{texts.fixed(item.fixed_by)}</p>
  if (settings.data === undefined) return null
  const known = settings.data.service_urls
  const text = (draft ?? known[server] ?? '').trim()
  const url = text === '' ? null : text
  const isValid = serviceUrls.shape[server].safeParse(url).success
  return (
    <form
      id={formId}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isValid) return
        change.mutate(
          { service_urls: { ...known, [server]: url } },
          { onSettled: () => void queries.invalidateQueries({ queryKey: keys.setup }) },
        )
      }}
      className="flex max-w-xl items-start gap-2"
    >
      <TextField
        label={texts.address(item.label)}
        hint={texts.addressHint}
        error={isValid ? null : texts.addressWrong}
        type="url"
        spellCheck={false}
        placeholder={item.address ?? ''}
        value={draft ?? known[server] ?? ''}
        onChange={(event) => setDraft(event.target.value)}
        className="min-w-0 flex-1"
      />
      <div className="pt-5">
        <Button type="submit" busy={change.isPending} disabled={!isValid}>
          {texts.useAddress}
        </Button>
      </div>
    </form>
  )
}
