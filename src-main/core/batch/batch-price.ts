import { batchPrices, type PriceTable, priceOf, settledMicros, worstCaseMicros } from '../model/price-table.ts'
import type { TokenUsage } from '../model/provider.ts'

/** The longest that a batch may take, with an hour for its way. A price may change meanwhile. */
const LONGEST_MS = 25 * 3_600_000

/** Whether a batch costs less than the same calls asked directly, as far as the table knows. */
export function isCheaperBatched(table: PriceTable, model: string, at_ms: number): boolean {
  return (priceOf(table, model, at_ms, 0)?.batch_discount ?? 0) > 0
}

/** The most that a call in a batch can cost, in micro-dollars, whenever within the next day it is made. Null: no price known. */
export function worstBatchedMicros(
  table: PriceTable,
  bound: { readonly input_tokens_bound: number; readonly max_tokens: number },
  model: string,
  at_ms: number,
): number | null {
  const prices = batchPrices(table)
  const now = worstCaseMicros(prices, bound, model, at_ms)
  const later = worstCaseMicros(prices, bound, model, at_ms + LONGEST_MS)
  return now === null || later === null ? null : Math.max(now, later)
}

/**
 * What a call in a batch cost, in micro-dollars, at the dearer of the prices when it was put in and when it came back, and
 * what was saved against asking it directly. Null: no price known.
 */
export function batchedMicros(
  table: PriceTable,
  model: string,
  { from_ms, to_ms }: { readonly from_ms: number; readonly to_ms: number },
  usage: TokenUsage,
): { readonly cost_micros: number; readonly saved_micros: number } | null {
  const prices = batchPrices(table)
  const costs = [from_ms, to_ms].map((at) => settledMicros(prices, model, at, usage))
  const full = settledMicros(table, model, to_ms, usage)
  const known = costs.filter((cost) => cost !== null)
  if (full === null || known.length < costs.length) return null
  const cost_micros = Math.max(...known)
  return { cost_micros, saved_micros: Math.max(0, full - cost_micros) }
}
