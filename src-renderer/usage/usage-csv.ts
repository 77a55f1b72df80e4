import { MICROS_PER_USD } from '#contract/money.ts'
import type { UsageEntry } from '#contract/usage.ts'

const COLUMNS = [
  'ts',
  'provider',
  'model',
  'profile',
  'tier',
  'project_id',
  'task_id',
  'run_id',
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

/** Calls as CSV (RFC 4180), with the cost also in dollars for those who open it in a spreadsheet. */
export function toCsv(entries: readonly UsageEntry[]): string {
  const lines = entries.map((entry) =>
    [...COLUMNS.map((column) => cell(entry[column])), (entry.cost_micros / MICROS_PER_USD).toFixed(6)].join(','),
  )
  return `${[[...COLUMNS, 'cost_usd'].join(','), ...lines].join('\r\n')}\r\n`
}

/** A leading = + - @ would be run as a formula by a spreadsheet: names may come from outside. */
function cell(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
