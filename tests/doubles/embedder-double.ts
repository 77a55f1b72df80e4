import { createHash } from 'node:crypto'

/** What makes vectors in the double of Ollama; a test may change how it behaves at any time. */
export interface Embedder {
  readonly dimensions: number
  vector(text: string, model: string): number[]
  /** Answered instead of vectors while it is there. */
  fault: { readonly status: number; readonly error: string } | null
  /** Before each answer. */
  delay_ms: number
  /** Longer texts are refused, as by a model whose window they do not fit. */
  max_characters: number
  /** Texts that were asked for, in order, with their model. */
  readonly asked: { readonly model: string; readonly text: string }[]
}

/** Words that mean the like, whatever their letters: what a search by meaning finds and one by words does not. */
const MEANINGS: readonly (readonly string[])[] = [
  ['owl', 'owls', 'raptor', 'raptors', 'nocturnal', 'eule'],
  ['car', 'cars', 'automobile', 'automobiles', 'vehicle', 'vehicles', 'auto'],
  ['cost', 'costs', 'price', 'prices', 'expense', 'expenses', 'fee', 'fees', 'expensive'],
  ['doctor', 'doctors', 'physician', 'physicians', 'medic', 'medical'],
  ['boat', 'boats', 'ship', 'ships', 'vessel', 'vessels'],
  ['begin', 'begins', 'start', 'starts', 'commence', 'commences', 'began'],
]
const MEANING_OF = new Map(MEANINGS.flatMap((words) => words.map((word) => [word, words[0] ?? word])))
const FILLERS = new Set(
  'the a an of to in is are and or for on at by with as it its be was were that this from how what'.split(' '),
)

/**
 * A deterministic stand-in for a model that embeds: a text is the sum of its words' directions, so texts about the like
 * point the same way. Directions differ from model to model. Dense, of unit length, and leaning to one side in common, as
 * those of real models are.
 */
export function createEmbedder(dimensions = 768): Embedder {
  const directions = new Map<string, Float64Array>()

  function directionOf(word: string, model: string): Float64Array {
    const key = `${model} ${word}`
    const known = directions.get(key)
    if (known !== undefined) return known
    const made = new Float64Array(dimensions)
    for (let at = 0; at < dimensions; at += 8) {
      const digest = createHash('sha256').update(`${key} ${at}`).digest()
      for (let part = 0; part < 8 && at + part < dimensions; part += 1) {
        // The sum of several even numbers is nearly normal.
        made[at + part] = (digest[part * 4] ?? 0) + (digest[part * 4 + 1] ?? 0) + (digest[part * 4 + 2] ?? 0) - 382.5
      }
    }
    directions.set(key, made)
    return made
  }

  return {
    dimensions,
    fault: null,
    delay_ms: 0,
    max_characters: Number.POSITIVE_INFINITY,
    asked: [],
    vector(text, model) {
      const sum = new Float64Array(dimensions)
      const add = (word: string, weight: number): void => {
        const direction = directionOf(word, model)
        for (let at = 0; at < dimensions; at += 1) sum[at] = (sum[at] ?? 0) + weight * (direction[at] ?? 0)
      }
      add(' ', 0.8)
      for (const word of new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])) {
        if (FILLERS.has(word)) continue
        const meaning = MEANING_OF.get(word)
        // What has a meaning of its own weighs more than a word that only stands there.
        if (meaning !== undefined) add(meaning, 3)
        else add(word.slice(0, 6), 1)
      }
      const length = Math.hypot(...sum) || 1
      return Array.from(sum, (value) => value / length)
    },
  }
}
