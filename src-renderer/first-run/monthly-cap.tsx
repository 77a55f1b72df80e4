import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Budget } from '#contract/budget.ts'
import { MICROS_PER_USD, parseUsd } from '#contract/money.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useBudget, useFixedSettings } from '../client/queries.ts'
import { Input } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Slider } from '../parts/slider.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { money, plainUsd } from '../texts/figures.ts'
import { firstRunTexts } from '../texts/first-run.ts'
import { frameTexts } from '../texts/frame.ts'
import { settingsTexts } from '../texts/settings.ts'

const texts = firstRunTexts.cap
/** The slider's end, in dollars. More can be written into the field. */
const SLIDER_MAX = 200
const SLIDER_STEP = 5

/** What may be spent in a month (B1): a slider for the usual amounts, a field for any. */
export function MonthlyCap() {
  const budget = useBudget()
  return (
    <Section title={texts.title} hint={texts.hint}>
      {budget.error !== null ? (
        <FaultNote error={budget.error} retry={() => void budget.refetch()} />
      ) : budget.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : (
        <CapFields budget={budget.data} />
      )}
    </Section>
  )
}

function CapFields({ budget }: { budget: Budget }) {
  const fixed = useFixedSettings().data?.budget.includes('monthly_micros') === true
  const limit = budget.limits.monthly_micros
  /** What the user is about to set; null while the fields follow what is stored, whoever changed it. */
  const [draft, setDraft] = useState<string | null>(null)
  const text = draft ?? (limit === null ? '' : plainUsd(limit))
  const micros = text.trim() === '' ? null : parseUsd(text)
  const isWrong = text.trim() !== '' && micros === null
  const { mutate, isPending, variables } = useStoreCap()
  const isDue = draft !== null && !isWrong && micros !== limit && !(isPending && variables === micros)
  const store = () => {
    if (isDue) mutate(micros, { onSettled: () => setDraft((latest) => (latest === draft ? null : latest)) })
    else if (micros === limit) setDraft(null)
  }
  const storeOnLeaving = useEffectEvent(() => {
    // A field that is empty for the moment lifts no limit.
    if (isDue && micros !== null) mutate(micros)
  })
  useEffect(() => () => storeOnLeaving(), [])
  const shown = micros === null ? frameTexts.noLimit : money(micros)
  const note = isWrong ? settingsTexts.notUsd : fixed ? texts.fixed : texts.spent(money(budget.month.settled_micros))
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-4">
        <Slider
          label={texts.slider}
          max={SLIDER_MAX}
          step={SLIDER_STEP}
          value={micros === null ? SLIDER_MAX : Math.min(SLIDER_MAX, micros / MICROS_PER_USD)}
          shown={shown}
          disabled={fixed}
          onChange={(dollars) => setDraft(plainUsd(dollars * MICROS_PER_USD))}
          onRelease={store}
        />
        <Input
          aria-label={texts.label}
          aria-describedby="monthly-cap-note"
          aria-invalid={isWrong || undefined}
          inputMode="decimal"
          placeholder={frameTexts.noLimit}
          value={text}
          disabled={fixed}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={store}
          onKeyDown={(event) => {
            if (event.key === 'Enter') store()
          }}
          className="figures max-w-24 text-right"
        />
        <span aria-hidden className="-ml-2 text-ink-3">
          $
        </span>
      </div>
      <p id="monthly-cap-note" className={isWrong ? 'text-xs text-bad' : 'text-xs text-ink-3'}>
        {note}
      </p>
    </div>
  )
}

function useStoreCap() {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    // One after the other, so that the last one stays.
    scope: { id: 'monthly-cap' },
    mutationFn: (monthly_micros: number | null) => client.budgets.set({ monthly_micros }),
    onSuccess: (next) => {
      queries.setQueryData(keys.budget, next)
      void queries.invalidateQueries({ queryKey: keys.status })
      const { monthly_micros } = next.limits
      toastDone(monthly_micros === null ? texts.none : texts.saved(money(monthly_micros)))
    },
    onError: toastFault,
  })
}
