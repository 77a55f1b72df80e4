import { toTimestamp } from '#contract/time.ts'

/** Says of what is left alone when that ends, and why it is. The time goes first: of a line that is cut, it is what people need. */
export function later(what: 'Goes on' | 'Tries again', at_ms: number, why: string): string {
  return `${what} at ${toTimestamp(at_ms)}: ${why}`
}
