import { MICROS_PER_USD } from './money.ts'
import type { UsageEntry } from './usage.ts'

const COLUMNS = [
  'id',
  'ts',
  'provider',
  'model',
  'profile',
  'project_id',
  'task_id',
  'run_id',
  'tier',
  'attempt',
  'input_tokens',
  'output_tokens',
  'cache_write_tokens',
  'cache_read_tokens',
  'cost_micros',
  'saved_micros',
  'cache_saved_micros',
  'batch_saved_micros',
  'latency_ms',
  'outcome',
  'unconfirmed',
] as const satisfies readonly (keyof UsageEntry)[]

function cell(value: UsageEntry[keyof UsageEntry]): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  // A leading = + - @ would be run as a formula by a spreadsheet, and names may come from outside.
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** First line of the CSV (RFC 4180): the names of `UsageEntry`, and the cost once more in dollars for those who add it up. */
export const USAGE_CSV_HEADER = `${[...COLUMNS, 'cost_usd'].join(',')}\r\n`

/** One call, with the end of its line. */
export function usageCsvLine(entry: UsageEntry): string {
  const cost_usd = (entry.cost_micros / MICROS_PER_USD).toFixed(6)
  return `${[...COLUMNS.map((column) => cell(entry[column])), cost_usd].join(',')}\r\n`
}
