/** Day and month of a moment in UTC, as the keys of budget periods. They are fixed when money is reserved (B1). */
export function periodKeys(at_ms: number): PeriodKeys {
  const day = Math.floor(at_ms / DAY_MS)
  if (day !== last.day) {
    const day_key = new Date(at_ms).toISOString().slice(0, 10)
    last = { day, keys: { day_key, month_key: day_key.slice(0, 7) } }
  }
  return last.keys
}

export interface PeriodKeys {
  readonly day_key: string
  readonly month_key: string
}

const DAY_MS = 86_400_000
/** The day that was asked for last; each call of a model asks several times. */
let last: { day: number; keys: PeriodKeys } = { day: Number.NaN, keys: { day_key: '', month_key: '' } }

/** When the period of a scope (`day:2026-01-31`, `month:2026-01`) is over, in ms; null where the scope has no period. */
export function periodEnd(scope: string): number | null {
  const [kind, key = ''] = scope.split(':')
  const [year = 0, month = 0, day = 1] = key.split('-').map(Number)
  if (kind === 'day') return Date.UTC(year, month - 1, day + 1)
  if (kind === 'month') return Date.UTC(year, month, 1)
  return null
}
