import { type EmbedParts, embedOnCard } from './embed-on-card.ts'
import { unitVector, withPurpose } from './embedder.ts'
import type { Space } from './knowledge-writer.ts'

/** A question waits no longer than this for its vector: the card may be busy, or the model on its way into memory. */
const WAIT_MS = 5_000
const KEPT = 100

export type QueryVector =
  | { readonly ok: true; readonly numbers: Float32Array }
  | { readonly ok: false; readonly reason: string }

/** Makes vectors of questions, and keeps those of the last ones. */
export function createQueryVectors(parts: EmbedParts, wait_ms = WAIT_MS) {
  const kept = new Map<string, Float32Array>()

  return async (space: Space, query: string, signal: AbortSignal): Promise<QueryVector> => {
    const key = `${space.id} ${query}`
    const known = kept.get(key)
    if (known !== undefined) return { ok: true, numbers: known }
    const { state, detail } = parts.board.get('ollama')
    if (state === 'down' || state === 'not_configured') return { ok: false, reason: detail }
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(wait_ms)])
    const text = withPurpose(space.model, 'query', query)
    const made = await embedOnCard(parts, space.model, [text], 'A question to knowledge', bounded)
    if (!made.ok && bounded.aborted)
      return { ok: false, reason: `Ollama did not make a vector of the question within ${wait_ms / 1_000} s.` }
    if (!made.ok) return { ok: false, reason: made.reason }
    const numbers = unitVector(made.vectors[0] ?? [])
    if (numbers === null || numbers.length !== space.dimensions)
      return { ok: false, reason: `${space.model} gave a vector that does not fit those it made before.` }
    const [oldest] = kept.keys()
    if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(key, numbers)
    return { ok: true, numbers }
  }
}
