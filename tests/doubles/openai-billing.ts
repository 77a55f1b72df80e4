import type { RecordedTokens } from './record.ts'

interface Rates {
  readonly input: number
  readonly output: number
  readonly read: number
  readonly write: number
}

/** Written down apart from Baton's own table, so that a mistake there shows. USD per million tokens, prompts to 272k. */
const RATES: Readonly<Record<string, Rates>> = {
  'gpt-6-sol': { input: 2, output: 10, read: 0.2, write: 2.5 },
  'gpt-6-luna': { input: 0.1, output: 0.5, read: 0.01, write: 0.125 },
  'gpt-4.1': { input: 2, output: 8, read: 0.5, write: 2 },
  'gpt-5.4': { input: 2.5, output: 15, read: 0.25, write: 2.5 },
}

/** Those that it offers unless told otherwise. */
export const OPENAI_MODELS: readonly string[] = ['gpt-6-sol', 'gpt-6-luna', 'gpt-5.4']

/** Micro-dollars, exact to a thousandth. */
export function openAiBill(model: string, tokens: RecordedTokens): number {
  const rates = RATES[model]
  if (rates === undefined) throw new Error(`The double knows no price for ${model}`)
  const milli = (count: number, rate: number) => count * Math.round(rate * 1_000)
  return (
    (milli(tokens.input, rates.input) +
      milli(tokens.output, rates.output) +
      milli(tokens.cache_read, rates.read) +
      milli(tokens.cache_write_5m, rates.write)) /
    1_000
  )
}
