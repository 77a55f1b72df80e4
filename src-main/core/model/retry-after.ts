/**
 * How long the provider wants to be left alone, in ms: `retry-after-ms`, or `retry-after` in seconds or as a date.
 * Null where it did not say.
 */
export function retryAfterMs(headers: Headers | undefined, now_ms: number): number | null {
  const millis = Number(headers?.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(millis) && millis >= 0) return Math.ceil(millis)
  const text = headers?.get('retry-after') ?? ''
  if (text === '') return null
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0) return Math.ceil(seconds * 1_000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - now_ms)
}

/**
 * How long until a used-up limit of OpenAI resets, in ms: the longest of those `x-ratelimit-reset-*` whose `remaining` is
 * zero, written as Go durations such as `6m0s`, `1.5s` or `17ms`. Null where none says so.
 */
export function resetAfterMs(headers: Headers): number | null {
  const waits = ['requests', 'tokens'].flatMap((kind) => {
    if (headers.get(`x-ratelimit-remaining-${kind}`) !== '0') return []
    const wait = durationMs(headers.get(`x-ratelimit-reset-${kind}`) ?? '')
    return wait === null ? [] : wait
  })
  return waits.length === 0 ? null : Math.max(...waits)
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration such as `1h2m3.5s` in ms, rounded up; null where it is none. */
export function durationMs(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text.trim()) return null
  return Math.ceil(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0))
}
