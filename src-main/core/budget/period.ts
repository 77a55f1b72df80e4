/** Day and month of a moment in UTC, as the keys of budget periods. They are fixed when money is reserved (B1). */
export function periodKeys(at_ms: number): { day_key: string; month_key: string } {
  const day_key = new Date(at_ms).toISOString().slice(0, 10)
  return { day_key, month_key: day_key.slice(0, 7) }
}
