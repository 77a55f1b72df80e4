import type { GpuCard } from '../gpu/gpu-card.ts'
import { breakerLimits } from '../model/breaker.ts'
import { isTrouble, type ModelFault } from '../model/fault.ts'
import type { OllamaServer } from '../model/ollama-server.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { SettingsStore } from '../store/settings-store.ts'

export interface EmbedParts {
  readonly ollama: Pick<OllamaServer, 'embed'>
  readonly board: ProviderBoard
  readonly settings: SettingsStore
  readonly card: Pick<GpuCard, 'enter' | 'rest'>
}

export type Embedded =
  | { readonly ok: true; readonly vectors: number[][] }
  /** `until`: nobody may ask before (ms since 1970). */
  | { readonly ok: false; readonly too_long: boolean; readonly reason: string; readonly until: number | null }

const PROVIDER = 'ollama'

/**
 * Has Ollama make vectors, under the same rules as its chats: in its turn on the card (H3), not while it rests (H2), and what
 * it shows counts for its breaker.
 */
export async function embedOnCard(
  { ollama, board, settings, card }: EmbedParts,
  model: string,
  texts: readonly string[],
  title: string,
  signal: AbortSignal,
): Promise<Embedded> {
  const entry = await card.enter(PROVIDER, { task_id: null, title, signal })
  if (!entry.ok) return { ok: false, too_long: false, reason: entry.reason, until: null }
  const may = board.mayAsk(PROVIDER)
  if (!may.ok) {
    entry.leave()
    card.rest()
    return { ok: false, too_long: false, reason: may.reason, until: may.until }
  }
  try {
    const made = await ollama.embed(model, texts, signal)
    if (made.ok) {
      board.worked(PROVIDER, true)
      return { ok: true, vectors: made.value.vectors }
    }
    note(made.fault)
    return { ok: false, too_long: made.fault.kind === 'context_too_long', reason: made.fault.message, until: null }
  } finally {
    board.left(PROVIDER)
    entry.leave()
    // The executor may be at rest already, and then nobody else would tell the card.
    card.rest()
  }

  function note(fault: ModelFault): void {
    if (signal.aborted) return
    if (fault.model_missing === true) board.miss(PROVIDER, model)
    else if (fault.kind === 'unavailable') board.report(PROVIDER, { state: 'down', detail: fault.message, models: [] })
    if (isTrouble(fault)) board.failed(PROVIDER, fault.message, breakerLimits(settings.settings()))
    else board.worked(PROVIDER, false)
  }
}
