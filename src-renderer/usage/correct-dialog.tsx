import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { parseUsd } from '#contract/money.ts'
import type { UsageEntry } from '#contract/usage.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { exactTime, money } from '../texts/figures.ts'
import { correctionTexts as texts } from '../texts/usage.ts'

/** Settles calls whose reply was lost at what they really cost. */
export function useCorrection(onDone: () => void) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: { id: number; cost_micros: number }) => client.usage.correct(input),
    onSuccess: (entry) => {
      toastDone(texts.done(money(entry.cost_micros)))
      for (const queryKey of [keys.usage, keys.budget, keys.status, keys.projects]) {
        void queries.invalidateQueries({ queryKey })
      }
      onDone()
    },
    onError: toastFault,
  })
}

/** Asks what a call really cost; never more than what is counted for it. */
export function CorrectDialog({ entry, onClose }: { entry: UsageEntry; onClose: () => void }) {
  const [text, setText] = useState('')
  const correction = useCorrection(onClose)
  const amount = parseUsd(text)
  const most = money(entry.cost_micros)
  const error =
    text.trim() === ''
      ? null
      : amount === null
        ? texts.notMoney
        : amount > entry.cost_micros
          ? texts.tooMuch(most)
          : null
  const canSave = amount !== null && error === null
  const save = (cost_micros: number) => correction.mutate({ id: entry.id, cost_micros })
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.title}
      footer={
        <>
          <Button disabled={correction.isPending} onClick={() => save(entry.cost_micros)}>
            {texts.keep(most)}
          </Button>
          <Button
            variant="primary"
            busy={correction.isPending}
            disabled={!canSave}
            onClick={() => amount !== null && save(amount)}
          >
            {texts.save}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (canSave) save(amount)
        }}
      >
        <p className="text-ink-2">{texts.why(entry.model, exactTime(entry.ts), most)}</p>
        <TextField
          label={texts.field}
          hint={texts.hint(most)}
          error={error}
          inputMode="decimal"
          placeholder={texts.placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="figures"
        />
      </form>
    </Dialog>
  )
}
