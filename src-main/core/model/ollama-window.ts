import { isSameModel, type LoadedModel, type ModelFacts, type OllamaServer } from './ollama-server.ts'

/** Free memory of the machine's cards together, in bytes; null where no tool tells. */
export type FreeVram = () => Promise<number | null>

/** A smaller window is of no use for work with tools. */
const LEAST_TOKENS = 4_096
/** Window where the weights alone fill the card, so that the rest lies in main memory. */
const CPU_TOKENS = 8_192
const STEP_TOKENS = 1_024
/** Buffers of the server beside weights and window. */
const OVERHEAD_BYTES = 536_870_912
const WEIGHTS_SHARE = 1.05

/** The largest window up to `wanted` that the model was made for and the card has room for, in whole steps. */
export function fittingWindow(wanted: number, facts: ModelFacts, free_bytes: number | null): number {
  const limit = Math.min(wanted, facts.limit_tokens ?? wanted)
  const { kv_bytes_per_token, weights_bytes } = facts
  if (free_bytes === null || kv_bytes_per_token === null || weights_bytes === null) return limit
  const room = free_bytes - weights_bytes * WEIGHTS_SHARE - OVERHEAD_BYTES
  if (room <= 0) return Math.min(limit, CPU_TOKENS)
  const steps = Math.floor(room / kv_bytes_per_token / STEP_TOKENS)
  return Math.min(limit, Math.max(LEAST_TOKENS, steps * STEP_TOKENS))
}

export interface WindowChooser {
  /** The `num_ctx` for a call: `wanted` or what fits of it, in tokens. Never fails; without answers it is `wanted`. */
  choose(model: string, wanted: number, signal: AbortSignal): Promise<number>
  /** Whether the model can look at images; null without an answer of the server. */
  sees(model: string, signal: AbortSignal): Promise<boolean | null>
  /** A model may have been replaced by another of its name. */
  forget(model: string): void
}

/**
 * Chooses each model's window once and keeps to it while the model is loaded, because another `num_ctx` makes the server
 * load the model anew. Memory of loaded models counts as free: the server makes room for the one that is asked.
 */
export function createWindowChooser(server: OllamaServer, freeVram: FreeVram): WindowChooser {
  const facts = new Map<string, ModelFacts>()
  const chosen = new Map<string, { readonly wanted: number; readonly tokens: number }>()

  async function factsOf(model: string, signal: AbortSignal): Promise<ModelFacts | null> {
    const known = facts.get(model)
    if (known !== undefined) return known
    const asked = await server.facts(model, signal)
    if (!asked.ok) return null
    facts.set(model, asked.value)
    return asked.value
  }

  function keeps(model: string, wanted: number, limit: number, loaded: readonly LoadedModel[]): number | null {
    const now = loaded.find((one) => isSameModel(one.name, model))?.context_tokens ?? null
    if (now === null) return null
    if (now >= limit) return now
    const before = chosen.get(model)
    return before?.wanted === wanted && before.tokens === now ? now : null
  }

  return {
    async choose(model, wanted, signal) {
      const [known, asked] = await Promise.all([factsOf(model, signal), server.loaded(signal)])
      if (known === null || !asked.ok) return wanted
      const limit = Math.min(wanted, known.limit_tokens ?? wanted)
      const kept = keeps(model, wanted, limit, asked.value)
      if (kept !== null) return kept
      const free = await freeVram()
      const given = asked.value.reduce((sum, one) => sum + one.size_vram, 0)
      const tokens = fittingWindow(wanted, known, free === null ? null : free + given)
      chosen.set(model, { wanted, tokens })
      return tokens
    },
    sees: async (model, signal) => (await factsOf(model, signal))?.sees_images ?? null,
    forget(model) {
      for (const name of facts.keys()) if (isSameModel(name, model)) facts.delete(name)
      for (const name of chosen.keys()) if (isSameModel(name, model)) chosen.delete(name)
    },
  }
}
