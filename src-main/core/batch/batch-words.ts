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
      return `Collected for a batch to ${who} since ${at}, ${many} so far; it is sent soon. ${WHY}`
    case 'sending':
    case 'waiting':
      return `In a batch of ${many} at ${who} since ${at}. ${WHY}`
    case 'canceling':
      return `Taken back from a batch of ${many} at ${who}, where it was since ${at}. What ${who} has not begun is asked anew.`
    case 'ended':
      return BACK
  }
}

const WHY = 'It costs less than asking at once and may take up to a day.'
const BACK = 'Its batch has ended; it goes on in a moment.'

/** The same for what does not change while it waits. */
export function batchWaitWords(provider: string): string {
  return `Waits for a batch at ${NAMES[provider] ?? provider}. ${WHY}`
}
