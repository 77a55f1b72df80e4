import { countTokens } from './pieces.ts'

const MIN_CACHED_TOKENS = 1_024

/** A provider's automatic prompt cache: beginnings of prompts that were sent before. They never expire here. */
export class PrefixCache {
  private readonly known = new Set<string>()

  /** `parts` are the pieces of a prompt in order; tokens of the prompt, and how many of them were known or are new. */
  take(model: string, parts: readonly string[]): { total: number; read: number; written: number } {
    const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join(''))
    const tokensAt = (at: number) => (at < 0 ? 0 : countTokens((prefixes[at] ?? '').length))
    const total = tokensAt(prefixes.length - 1)
    const hit = prefixes.findLastIndex((prefix) => this.known.has(model + prefix))
    const read = tokensAt(hit)
    for (const [at, prefix] of prefixes.entries()) {
      if (tokensAt(at) >= MIN_CACHED_TOKENS) this.known.add(model + prefix)
    }
    return { total, read, written: total >= MIN_CACHED_TOKENS ? total - read : 0 }
  }
}
