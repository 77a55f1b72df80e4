import type { Behaviour } from './behaviour.ts'

export interface RecordedTokens {
  input: number
  output: number
  cache_write_5m: number
  cache_write_1h: number
  cache_read: number
}

export const NO_TOKENS: Readonly<RecordedTokens> = {
  input: 0,
  output: 0,
  cache_write_5m: 0,
  cache_write_1h: 0,
  cache_read: 0,
}

/** One call as the server saw it. */
export interface RecordedCall {
  readonly at_ms: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  behaviour: Behaviour['kind'] | null
  /** `open` until it is over; `client_gone` where the other side left first. */
  outcome: 'open' | 'answered' | 'refused' | 'cut' | 'client_gone'
  status: number
  /** Tokens that this call is billed for, whether the client learnt them or not. */
  tokens: RecordedTokens
  /** Exact, so possibly with a fraction; 0 where nothing is billed. */
  billed_micros: number
}

/** What a double was asked and what it billed, to be compared with Baton's own ledger. */
export interface DoubleRecord {
  readonly calls: RecordedCall[]
  /** Most calls that asked for an answer at the same time. */
  max_concurrent: number
  billed_micros(): number
  tokens(): RecordedTokens
}

export function createRecord(): DoubleRecord {
  const calls: RecordedCall[] = []
  return {
    calls,
    max_concurrent: 0,
    // Whole thousandths are added, because rates have at most three decimals and sums of fractions drift.
    billed_micros: () => calls.reduce((sum, call) => sum + Math.round(call.billed_micros * 1_000), 0) / 1_000,
    tokens: () =>
      calls.reduce(
        (sum, { tokens }) => ({
          input: sum.input + tokens.input,
          output: sum.output + tokens.output,
          cache_write_5m: sum.cache_write_5m + tokens.cache_write_5m,
          cache_write_1h: sum.cache_write_1h + tokens.cache_write_1h,
          cache_read: sum.cache_read + tokens.cache_read,
        }),
        { ...NO_TOKENS },
      ),
  }
}
