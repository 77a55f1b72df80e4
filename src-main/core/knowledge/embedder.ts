import { isSameModel } from '../model/ollama-server.ts'

/** Preferred first, where the settings leave it to us and several are there. */
const PREFERRED = [
  /embeddinggemma/i,
  /nomic-embed/i,
  /mxbai-embed/i,
  /bge-/i,
  /snowflake-arctic-embed/i,
  /embed/i,
  /minilm/i,
]

/** The models that make vectors, by their names: Ollama's list does not tell. */
export function embeddersOf(models: readonly string[]): string[] {
  return models.filter((model) => PREFERRED.some((pattern) => pattern.test(model)))
}

/**
 * Which model makes the vectors (K2), by the setting and by what Ollama has: its name, or why there is none. `searched`: whose
 * vectors are there; a choice that is left to us does not change by itself while that model is there.
 */
export function chooseEmbedder(
  setting: string,
  models: readonly string[],
  searched: string | null,
): { readonly ok: true; readonly model: string } | { readonly ok: false; readonly reason: string } {
  if (setting === 'none') return { ok: false, reason: 'Searching by meaning is switched off in the settings.' }
  if (setting !== 'auto') {
    const found = models.find((model) => isSameModel(model, setting))
    return found === undefined
      ? {
          ok: false,
          reason: `Ollama does not have ${setting}. Pull it with "baton models pull ${setting}", or choose another under Settings.`,
        }
      : { ok: true, model: found }
  }
  if (searched !== null && models.some((model) => isSameModel(model, searched))) return { ok: true, model: searched }
  for (const pattern of PREFERRED) {
    const found = models.find((model) => pattern.test(model))
    if (found !== undefined) return { ok: true, model: found }
  }
  return {
    ok: false,
    reason: 'Ollama has no model that makes vectors. Pull one with "baton models pull nomic-embed-text".',
  }
}

/** What a model was trained to see before a text that is searched in, and before a question. */
export function withPurpose(model: string, purpose: 'document' | 'query', text: string): string {
  if (/nomic-embed/i.test(model)) return `search_${purpose}: ${text}`
  if (/embeddinggemma/i.test(model))
    return purpose === 'query' ? `task: search result | query: ${text}` : `title: none | text: ${text}`
  if (purpose === 'query' && /mxbai-embed|snowflake-arctic-embed/i.test(model))
    return `Represent this sentence for searching relevant passages: ${text}`
  return text
}

/** Of unit length, so that likeness is a product; null where it has no length or holds what is no number. */
export function unitVector(numbers: readonly number[]): Float32Array | null {
  const length = Math.hypot(...numbers)
  if (!Number.isFinite(length) || length === 0) return null
  return Float32Array.from(numbers, (number) => number / length)
}
