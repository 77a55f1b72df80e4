import type { Settings } from '#contract/settings.ts'

/**
 * When to ask again after `tries` attempts, in ms since 1970: what the provider named, otherwise exponential backoff with
 * full jitter over its upper half, so that parallel tasks do not come back together.
 */
export function retryAt(
  { retry_base_ms, retry_cap_ms }: Pick<Settings, 'retry_base_ms' | 'retry_cap_ms'>,
  tries: number,
  retry_after_ms: number | undefined,
): number {
  if (retry_after_ms !== undefined) return Date.now() + retry_after_ms
  const ceiling = Math.min(retry_cap_ms, retry_base_ms * 2 ** Math.max(0, tries - 1))
  return Date.now() + Math.round(ceiling / 2 + Math.random() * (ceiling / 2))
}
