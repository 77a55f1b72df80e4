import { useState } from 'react'
import type { EnteredPrice } from '#contract/model.ts'
import { TextField } from '../parts/field.tsx'
import { modelTexts as texts } from '../texts/settings.ts'

/** What a paid model costs, where Baton's own table does not know it (R4). Both empty: no price of one's own. */
export function PriceFields({
  price,
  error,
  onChange,
}: {
  price: EnteredPrice | null
  error: string | null
  onChange: (price: EnteredPrice | null) => void
}) {
  const [input, setInput] = useState(price === null ? '' : String(price.input))
  const [output, setOutput] = useState(price === null ? '' : String(price.output))
  const change = (nextInput: string, nextOutput: string) => {
    setInput(nextInput)
    setOutput(nextOutput)
    const isEmpty = nextInput.trim() === '' && nextOutput.trim() === ''
    // An amount that is none is kept as such, so that the profile is refused with a reason and not saved without a price.
    onChange(
      isEmpty ? null : { input: amount(nextInput), output: amount(nextOutput), cache_write: null, cache_read: null },
    )
  }
  return (
    <>
      <TextField
        label={texts.fields.price_input.label}
        hint={texts.fields.price_input.hint}
        error={error}
        inputMode="decimal"
        value={input}
        onChange={(event) => change(event.target.value, output)}
      />
      <TextField
        label={texts.fields.price_output.label}
        hint={texts.fields.price_output.hint}
        error={error}
        inputMode="decimal"
        value={output}
        onChange={(event) => change(input, event.target.value)}
      />
    </>
  )
}

function amount(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
