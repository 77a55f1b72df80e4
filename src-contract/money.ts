import { z } from 'zod'

/** Money is integer micro-dollars everywhere: 1 $ = 1,000,000. */
export const micros = z.number().int().nonnegative()

export const MICROS_PER_USD = 1_000_000

/** An amount of dollars as typed by a person, as micro-dollars; null where it is no amount of money. */
export function parseUsd(text: string): number | null {
  const match = /^\s*\$?\s*(\d{1,9})(?:\.(\d{1,6}))?\s*\$?\s*$/.exec(text)
  if (match === null) return null
  return Number(match[1]) * MICROS_PER_USD + Number((match[2] ?? '').padEnd(6, '0'))
}

/** `$0.0132` for small amounts, `$4.10` from ten cents on, `$0` for nothing. */
export function formatUsd(amount: number): string {
  if (amount === 0) return '$0'
  const dollars = amount / MICROS_PER_USD
  if (amount < 100) return '<$0.0001'
  return amount < 100_000 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`
}
