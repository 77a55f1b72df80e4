import { toTimestamp } from '#contract/time.ts'
import type { BatchWait } from './batch-book.ts'

const NAMES: Readonly<Record<string, string>> = { anthropic: 'Anthropic' }

/** Why a task does not go on that waits for a batch: for how many calls, since when, and what may be done about it. */
export function batchWords({ state, requests, since, provider }: BatchWait): string {
  const who = NAMES[provider] ?? provider
  const many = requests === 1 ? '1 request' : `${requests} requests`
  const at = toTimestamp(since)
  switch (state) {
    case 'collecting':
      return `Waits since ${at} for a batch to ${who}, which has ${many} so far and is sent soon. It costs less than asking at once and may take up to a day.`
    case 'sending':
    case 'waiting':
      return `Waits since ${at} for a batch of ${many} at ${who}. It costs less than asking at once and may take up to a day.`
    case 'canceling':
      return `Waits since ${at} for a batch of ${many} at ${who}, which is being taken back. What ${who} has not begun is asked anew.`
    case 'ended':
      return 'Its batch has ended; it goes on in a moment.'
  }
}
