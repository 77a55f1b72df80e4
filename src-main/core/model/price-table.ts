import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelProfile } from '#contract/model.ts'
import { resourceFolder } from '../resource-folder.ts'
import type { TokenUsage } from './provider.ts'

/** USD per million tokens, which is the same number as micro-dollars per token. */
const rate = z.number().nonnegative().max(1_000_000)

/** One line of the price table, as data: from a day on, optionally only up to a prompt length (R4). */
export const priceEntry = z.strictObject({
  provider: z.string(),
  models: z.array(z.string().min(1)).min(1),
  effective_from: z.iso.date(),
  up_to_prompt_tokens: z.number().int().positive().optional(),
  input: rate,
  output: rate,
  cache_write_5m: rate,
  cache_write_1h: rate,
  cache_read: rate,
  /** Share of the price that a batch saves: 0.5 is half price. */
  batch_discount: z.number().min(0).max(1).default(0),
  source: z.string().default(''),
})
export type PriceEntry = z.infer<typeof priceEntry>

const priceFile = z.object({ prices: z.array(priceEntry) })

/** What one token of each kind costs, in micro-dollars. */
export type Price = Pick<
  PriceEntry,
  'input' | 'output' | 'cache_write_5m' | 'cache_write_1h' | 'cache_read' | 'batch_discount'
>

export interface PriceTable {
  readonly entries: readonly PriceEntry[]
}

/** The table that ships with Baton. A broken file is a broken installation, so it throws. */
export function shippedPrices(): PriceTable {
  const file = join(resourceFolder(), 'prices.json')
  // Parsed once: compiling the schemas would take longer than the parsing.
  return { entries: priceFile.parse(JSON.parse(readFileSync(file, 'utf8')), { jitless: true }).prices }
}

/**
 * The shipped table with what people entered with their profiles, which holds for the model at any date and prompt length.
 * `profiles` is asked each time, so that a price entered now holds for the next call.
 */
export function livePrices(shipped: PriceTable, profiles: () => readonly ModelProfile[]): PriceTable {
  let seen: readonly ModelProfile[] | null = null
  let entries: readonly PriceEntry[] = []
  return {
    get entries() {
      const now = profiles()
      if (now !== seen) {
        seen = now
        const own = now.flatMap(enteredEntry)
        const models = new Set(own.flatMap((entry) => entry.models))
        const kept = shipped.entries.map((entry) => ({
          ...entry,
          models: entry.models.filter((model) => !models.has(model)),
        }))
        entries = [...kept.filter((entry) => entry.models.length > 0), ...own]
      }
      return entries
    },
  }
}

/** What the same costs in a batch, where the table knows a discount: every rate is as much lower. */
export function batchPrices(table: PriceTable): PriceTable {
  let seen: PriceTable['entries'] | null = null
  let entries: PriceTable['entries'] = []
  return {
    get entries() {
      const now = table.entries
      if (now !== seen) {
        seen = now
        entries = now.map(discounted)
      }
      return entries
    },
  }
}

function discounted(entry: PriceEntry): PriceEntry {
  const share = 1 - entry.batch_discount
  return {
    ...entry,
    input: entry.input * share,
    output: entry.output * share,
    cache_write_5m: entry.cache_write_5m * share,
    cache_write_1h: entry.cache_write_1h * share,
    cache_read: entry.cache_read * share,
  }
}

function enteredEntry({ provider, model, price }: ModelProfile): PriceEntry[] {
  if (price === null) return []
  const write = price.cache_write ?? price.input
  return [
    {
      provider,
      models: [model],
      effective_from: '1970-01-01',
      input: price.input,
      output: price.output,
      cache_write_5m: write,
      cache_write_1h: write,
      cache_read: price.cache_read ?? price.input,
      batch_discount: 0,
      source: 'entered with the model profile',
    },
  ]
}

function tiersAt(table: PriceTable, model: string, at_ms: number): PriceEntry[] {
  const known = table.entries.filter(
    (entry) => entry.models.includes(model) && Date.parse(entry.effective_from) <= at_ms,
  )
  const newest = known
    .map((entry) => entry.effective_from)
    .sort()
    .at(-1)
  return known
    .filter((entry) => entry.effective_from === newest)
    .sort((a, b) => (a.up_to_prompt_tokens ?? Infinity) - (b.up_to_prompt_tokens ?? Infinity))
}

/**
 * The price of `model` at a moment for a prompt of this length (all input tokens, cached ones too).
 * Null where no price is known: the caller refuses the call (R4).
 */
export function priceOf(table: PriceTable, model: string, at_ms: number, prompt_tokens: number): Price | null {
  const tiers = tiersAt(table, model, at_ms)
  return tiers.find((entry) => prompt_tokens <= (entry.up_to_prompt_tokens ?? Infinity)) ?? null
}

/** All tokens that make up the prompt, by which prompt-length tiers are chosen. */
export function promptTokens(usage: TokenUsage): number {
  return usage.input + usage.cache_write_5m + usage.cache_write_1h + usage.cache_read
}

/** Rates are handled as whole pico-dollars per token, so that sums are exact before they are rounded once. */
const PICOS_PER_MICRO = 1_000_000

function picos(tokens: number, micros_per_token: number): number {
  return tokens * Math.round(micros_per_token * PICOS_PER_MICRO)
}

/** What this usage costs, in whole micro-dollars, rounded up so that we never book less than was billed. */
export function costMicros(usage: TokenUsage, price: Price): number {
  const sum =
    picos(usage.input, price.input) +
    picos(usage.output, price.output) +
    picos(usage.cache_write_5m, price.cache_write_5m) +
    picos(usage.cache_write_1h, price.cache_write_1h) +
    picos(usage.cache_read, price.cache_read)
  return Math.ceil(sum / PICOS_PER_MICRO)
}

/** The price that settles a call: the tier is chosen by the tokens that the provider counted. Null: no price known. */
export function settledMicros(table: PriceTable, model: string, at_ms: number, usage: TokenUsage): number | null {
  const price = priceOf(table, model, at_ms, promptTokens(usage))
  return price === null ? null : costMicros(usage, price)
}

/**
 * What the provider's prompt cache saved of a call's cost, in micro-dollars: all that was read from it at the price of input
 * instead, less what filling it cost above that price. Null where it was not used, or no price is known.
 */
export function cacheSavedMicros(table: PriceTable, model: string, at_ms: number, usage: TokenUsage): number | null {
  if (usage.cache_read + usage.cache_write_5m + usage.cache_write_1h === 0) return null
  const price = priceOf(table, model, at_ms, promptTokens(usage))
  if (price === null) return null
  const saved =
    picos(usage.cache_read, price.input - price.cache_read) +
    picos(usage.cache_write_5m, price.input - price.cache_write_5m) +
    picos(usage.cache_write_1h, price.input - price.cache_write_1h)
  return Math.round(saved / PICOS_PER_MICRO)
}

/**
 * The most that a call can cost, in micro-dollars (B2): every input token at the dearest input-side rate and
 * `max_tokens` at the output rate, each over all prompt-length tiers that the prompt may fall into.
 * Null: no price known.
 */
export function worstCaseMicros(
  table: PriceTable,
  bound: { readonly input_tokens_bound: number; readonly max_tokens: number },
  model: string,
  at_ms: number,
): number | null {
  const tiers = tiersAt(table, model, at_ms)
  const last = tiers.findIndex((entry) => bound.input_tokens_bound <= (entry.up_to_prompt_tokens ?? Infinity))
  if (last === -1) return null
  const reachable = tiers.slice(0, last + 1)
  const dearestInput = Math.max(
    ...reachable.flatMap((p) => [p.input, p.cache_write_5m, p.cache_write_1h, p.cache_read]),
  )
  const dearestOutput = Math.max(...reachable.map((p) => p.output))
  const sum = picos(bound.input_tokens_bound, dearestInput) + picos(bound.max_tokens, dearestOutput)
  return Math.ceil(sum / PICOS_PER_MICRO)
}
