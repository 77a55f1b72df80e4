/** Day and month of a moment in UTC, as the keys of budget periods. They are fixed when money is reserved (B1). */
export function periodKeys(at_ms: number): { day_key: string; month_key: string } {
  const day_key = new Date(at_ms).toISOString().slice(0, 10)
  return { day_key, month_key: day_key.slice(0, 7) }
}

/** When the period of a scope (`day:2026-01-31`, `month:2026-01`) is over, in ms; null where the scope has no period. */
export function periodEnd(scope: string): number | null {
  const [kind, key = ''] = scope.split(':')
  const [year = 0, month = 0, day = 1] = key.split('-').map(Number)
  if (kind === 'day') return Date.UTC(year, month - 1, day + 1)
  if (kind === 'month') return Date.UTC(year, month, 1)
  return null
}
