import { useState } from 'react'
import { serviceCards } from '#contract/service-addresses.ts'
import type { Settings } from '#contract/settings.ts'
import { Field, Select, TextField } from '../parts/field.tsx'
import { Section } from '../parts/page.tsx'
import { cardTexts as texts } from '../texts/settings.ts'
import { SaveBar } from './save-bar.tsx'
import { useChangeSettings } from './use-change-settings.ts'

type Draft = Pick<Settings, 'gpu_sharing'> & Record<Side, string>
type Side = keyof Settings['service_cards']

const SIDES: readonly Side[] = ['ollama', 'comfyui']
const SHARING = (['auto', 'always', 'never'] as const).map((value) => ({ value, label: texts.sharing[value] }))

/** Whether Ollama and ComfyUI take turns, and which cards they work on (H3). */
export function CardSettings({ settings }: { settings: Settings }) {
  const change = useChangeSettings()
  const [edited, setEdited] = useState<Partial<Draft>>({})
  const known: Draft = {
    gpu_sharing: settings.gpu_sharing,
    ollama: toText(settings.service_cards.ollama),
    comfyui: toText(settings.service_cards.comfyui),
  }
  const draft = { ...known, ...edited }
  const cards = serviceCards.safeParse({ ollama: toCards(draft.ollama), comfyui: toCards(draft.comfyui) })
  const wrong = new Set(cards.error?.issues.map((issue) => issue.path[0]))
  return (
    <form
      aria-label={texts.title}
      className="flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!cards.success) return
        change.mutate({ gpu_sharing: draft.gpu_sharing, service_cards: cards.data }, { onSuccess: () => setEdited({}) })
      }}
    >
      <Section title={texts.title} hint={texts.hint}>
        <div className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
          <Field label={texts.fields.sharing} className="sm:col-span-2">
            {(ids) => (
              <Select
                {...ids}
                value={draft.gpu_sharing}
                options={SHARING}
                onChange={(gpu_sharing) => setEdited({ ...edited, gpu_sharing })}
              />
            )}
          </Field>
          {SIDES.map((side) => (
            <TextField
              key={side}
              label={texts.fields[side]}
              hint={texts.cardsHint}
              error={wrong.has(side) ? texts.wrong : null}
              inputMode="numeric"
              placeholder="0"
              value={draft[side]}
              onChange={(event) => setEdited({ ...edited, [side]: event.target.value })}
            />
          ))}
        </div>
      </Section>
      <SaveBar
        dirty={Object.keys(edited).length > 0}
        valid={cards.success}
        busy={change.isPending}
        onDiscard={() => setEdited({})}
      />
    </form>
  )
}

function toText(cards: readonly number[] | null): string {
  return cards?.join(', ') ?? ''
}

/** Numbers with commas or spaces between; nothing means that nobody says. */
function toCards(text: string): number[] | null {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return words.length === 0 ? null : words.map(Number)
}
