import type { UsageEntry } from '#contract/usage.ts'

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
  // A leading = + - @ would be run as a formula by a spreadsheet.
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** First line of the CSV (RFC 4180), with the names of `UsageEntry`. */
export const USAGE_CSV_HEADER = `${COLUMNS.join(',')}\r\n`

export function usageCsvLine(entry: UsageEntry): string {
  return `${COLUMNS.map((column) => cell(entry[column])).join(',')}\r\n`
}
