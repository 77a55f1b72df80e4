import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Budget, BudgetLimits } from '#contract/budget.ts'
import { parseUsd } from '#contract/money.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useBudget, useSettings } from '../client/queries.ts'
import { SpendMeter } from '../frame/spend-meter.tsx'
import { Switch, TextField } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { plainUsd } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { settingsTexts, limitTexts as texts } from '../texts/settings.ts'
import { SaveBar } from './save-bar.tsx'
import { useChangeSettings } from './use-change-settings.ts'

type LimitName = keyof BudgetLimits
const NAMES = Object.keys(texts.fields) as LimitName[]

/** The limits of spending, with what is spent of them now (B1). */
export function LimitSettings() {
  const budget = useBudget()
  const settings = useSettings()
  const change = useChangeSettings()
  if (budget.error !== null) return <FaultNote error={budget.error} retry={() => void budget.refetch()} />
  if (budget.data === undefined) return <SkeletonRows />
  return (
    <Section title={settingsTexts.sections.limits} hint={texts.hint}>
      <div className="grid max-w-xl grid-cols-2 gap-8 py-2">
        <SpendMeter label={frameTexts.today} scope={budget.data.day} wide />
        <SpendMeter label={frameTexts.month} scope={budget.data.month} wide />
      </div>
      <LimitForm budget={budget.data} />
      {settings.data !== undefined && (
        <div className="mt-4 border-t pt-5">
          <Switch
            label={texts.localOnly}
            hint={texts.localOnlyHint}
            checked={settings.data.local_only}
            disabled={change.isPending}
            onChange={(local_only) => change.mutate({ local_only })}
          />
        </div>
      )}
    </Section>
  )
}

function LimitForm({ budget }: { budget: Budget }) {
  const client = useClient()
  const queries = useQueryClient()
  const [edited, setEdited] = useState<Partial<Record<LimitName, string>>>({})
  const save = useMutation({
    mutationFn: (limits: Partial<BudgetLimits>) => client.budgets.set(limits),
    onSuccess: (next) => {
      queries.setQueryData(keys.budget, next)
      void queries.invalidateQueries({ queryKey: keys.status })
      setEdited({})
      toastDone(settingsTexts.saved)
    },
    onError: toastFault,
  })
  const isWrong = (text: string) => text.trim() !== '' && parseUsd(text) === null
  return (
    <form
      aria-label={settingsTexts.sections.limits}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(Object.fromEntries(Object.entries(edited).map(([name, text]) => [name, parseUsd(text)])))
      }}
      className="flex max-w-xl flex-col gap-2"
    >
      <div className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
        {NAMES.map((name) => {
          const limit = budget.limits[name]
          const text = edited[name] ?? (limit === null ? '' : plainUsd(limit))
          return (
            <TextField
              key={name}
              label={texts.fields[name].label}
              hint={texts.fields[name].hint}
              error={isWrong(text) ? settingsTexts.notUsd : null}
              inputMode="decimal"
              placeholder={frameTexts.noLimit}
              value={text}
              onChange={(event) => setEdited({ ...edited, [name]: event.target.value })}
            />
          )
        })}
      </div>
      <SaveBar
        dirty={Object.keys(edited).length > 0}
        valid={!Object.values(edited).some(isWrong)}
        busy={save.isPending}
        onDiscard={() => setEdited({})}
      />
    </form>
  )
}
