import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { parseUsd } from '#contract/money.ts'
import { MAX_REQUIREMENTS } from '#contract/requirements.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useModels } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Field, Select, TextArea, TextField } from '../parts/field.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { NoModelNote } from '../projects/no-model-note.tsx'
import { promptsTexts as texts } from '../texts/prompts.ts'

const MICROS_PER_CENT = 10_000

/** Asks a free prompt, with what it may cost. */
export function PromptForm() {
  const client = useClient()
  const queries = useQueryClient()
  const models = useModels()
  const [prompt, setPrompt] = useState('')
  const [budget, setBudget] = useState('')
  const [profile, setProfile] = useState('')
  const micros = budget.trim() === '' ? null : parseUsd(budget)
  const isWrong = budget.trim() !== '' && micros === null
  const ask = useMutation({
    mutationFn: () =>
      client.runs.create({
        prompt,
        ...(micros === null ? {} : { budget_usd_cents: Math.floor(micros / MICROS_PER_CENT) }),
        ...(profile === '' ? {} : { profile }),
      }),
    onSuccess: () => {
      setPrompt('')
      void queries.invalidateQueries({ queryKey: keys.freeRuns })
    },
  })
  const canAsk = prompt.trim() !== '' && !isWrong && !ask.isPending
  const submit = () => canAsk && ask.mutate()
  const usable = (models.data ?? []).filter((model) => model.available)
  return (
    <form
      aria-label={texts.ask}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          submit()
        }
      }}
      className="flex shrink-0 flex-col gap-3"
    >
      {profile === '' && <NoModelNote onDemo={setProfile} />}
      {ask.error !== null && <FaultNote error={ask.error} retry={submit} />}
      <div className="flex flex-wrap items-start gap-3">
        <Field label={texts.field} hint={texts.hint} className="min-w-72 flex-1">
          {(ids) => (
            <TextArea
              {...ids}
              rows={2}
              value={prompt}
              maxLength={MAX_REQUIREMENTS}
              placeholder={texts.placeholder}
              onChange={(event) => setPrompt(event.target.value)}
              className="resize-y px-2 py-1.5"
            />
          )}
        </Field>
        <div className="w-24">
          <TextField
            label={texts.budget}
            inputMode="decimal"
            placeholder="2.00"
            value={budget}
            onChange={(event) => setBudget(event.target.value)}
            error={isWrong ? texts.budgetWrong : undefined}
          />
        </div>
        <Field label={texts.model} className="w-44">
          {(ids) => (
            <Select
              {...ids}
              value={profile}
              options={[
                { value: '', label: texts.byRouting },
                ...usable.map((model) => ({ value: model.name, label: model.display_name })),
              ]}
              onChange={setProfile}
            />
          )}
        </Field>
        <div className="pt-[1.4rem]">
          <Button variant="primary" type="submit" busy={ask.isPending} disabled={!canAsk}>
            {texts.ask}
          </Button>
        </div>
      </div>
    </form>
  )
}
