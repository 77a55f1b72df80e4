import { useId, useState } from 'react'
import { type ModelProfile, modelProfile, type ProviderId, providerId } from '#contract/model.ts'
import { tier } from '#contract/states.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field, Select, TextField } from '../parts/field.tsx'
import { settingsTexts, modelTexts as texts } from '../texts/settings.ts'
import { PriceFields } from './price-fields.tsx'

type NumberName = 'rank' | 'max_concurrent' | 'max_output_tokens' | 'context_tokens'
const NUMBERS: readonly NumberName[] = ['rank', 'max_concurrent', 'max_output_tokens', 'context_tokens']
const CLOUD: ReadonlySet<ProviderId> = new Set(['anthropic', 'openai', 'google', 'openrouter'])
const PROVIDERS = providerId.options.map((value) => ({ value, label: texts.providers[value] }))

/** A model profile as a form. */
export function ModelDialog({
  profile,
  isNew,
  taken,
  busy,
  onClose,
  onSave,
}: {
  profile: ModelProfile
  isNew: boolean
  taken: readonly string[]
  busy: boolean
  onClose: () => void
  onSave: (profile: ModelProfile) => void
}) {
  const [draft, setDraft] = useState(profile)
  const [tried, setTried] = useState(false)
  const formId = useId()
  const parsed = modelProfile.safeParse(draft)
  const refusal = (name: keyof typeof texts.wrong): string | null => {
    if (!tried) return null
    if (name === 'name' && isNew && taken.includes(draft.name)) return texts.taken
    if (parsed.error?.issues.every((issue) => issue.path[0] !== name) ?? true) return null
    return draft[name] === '' ? texts.missing : texts.wrong[name]
  }
  const set = (part: Partial<ModelProfile>) => setDraft({ ...draft, ...part })
  return (
    <Dialog
      open
      onClose={onClose}
      title={isNew ? texts.add : texts.edit(profile.display_name)}
      footer={
        <>
          <Button onClick={onClose}>{settingsTexts.discard}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy}>
            {settingsTexts.save}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (parsed.success && !(isNew && taken.includes(draft.name))) onSave(parsed.data)
        }}
        className="grid grid-cols-2 gap-x-6 gap-y-1"
      >
        <Field label={texts.fields.provider.label}>
          {(ids) => (
            <Select
              {...ids}
              value={draft.provider}
              options={PROVIDERS}
              onChange={(provider) =>
                set({ provider, ...(isNew ? { tiers: CLOUD.has(provider) ? ['strong'] : ['local'] } : {}) })
              }
            />
          )}
        </Field>
        <TextField
          label={texts.fields.model.label}
          hint={texts.fields.model.hint}
          error={refusal('model')}
          value={draft.model}
          spellCheck={false}
          onChange={(event) => set({ model: event.target.value })}
        />
        <TextField
          label={texts.fields.name.label}
          hint={texts.fields.name.hint}
          error={refusal('name')}
          value={draft.name}
          disabled={!isNew}
          spellCheck={false}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label={texts.fields.display_name.label}
          error={refusal('display_name')}
          value={draft.display_name}
          onChange={(event) => set({ display_name: event.target.value })}
        />
        <fieldset className="col-span-2 mb-3">
          <legend className="text-xs font-medium text-ink-2">{texts.fields.tiers.label}</legend>
          <div className="mt-1 flex gap-5">
            {tier.options.map((name) => (
              <label key={name} className="flex items-center gap-1.5">
                <input
                  type="checkbox"
                  className="size-3.5 accent-(--color-accent)"
                  checked={draft.tiers.includes(name)}
                  onChange={(event) =>
                    set({
                      tiers: tier.options.filter((other) =>
                        other === name ? event.target.checked : draft.tiers.includes(other),
                      ),
                    })
                  }
                />
                {name}
              </label>
            ))}
          </div>
          <p className="mt-1 text-xs text-ink-3">{texts.fields.tiers.hint}</p>
        </fieldset>
        {NUMBERS.map((name) => (
          <TextField
            key={name}
            label={texts.fields[name].label}
            hint={texts.fields[name].hint}
            error={refusal(name)}
            inputMode="numeric"
            value={Number.isNaN(draft[name]) ? '' : String(draft[name])}
            onChange={(event) => {
              const digits = event.target.value.replace(/\D/g, '')
              set({ [name]: digits === '' ? Number.NaN : Number(digits) })
            }}
          />
        ))}
        <PriceFields price={draft.price} error={refusal('price')} onChange={(price) => set({ price })} />
      </form>
    </Dialog>
  )
}
