import type { UsageGroup } from './usage.ts'

/** Whether the rows of sums come newest first; otherwise the dearest do. */
export function isByTime(by: UsageGroup): boolean {
  return by === 'day' || by === 'month'
}
