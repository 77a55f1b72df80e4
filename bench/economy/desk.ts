import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAnthropicProvider } from '../../src-main/core/model/anthropic.ts'
import { createModelCatalog } from '../../src-main/core/model/catalog.ts'
import { createDraws } from '../../src-main/core/model/draws.ts'
import { createLearnedRouting } from '../../src-main/core/model/learned-routing.ts'
import { createOllamaProvider } from '../../src-main/core/model/ollama.ts'
import { shippedPrices } from '../../src-main/core/model/price-table.ts'
import { createProviderBoard } from '../../src-main/core/model/provider-status.ts'
import { createRouteOutcomes } from '../../src-main/core/model/route-outcomes.ts'
import { createRouter } from '../../src-main/core/model/router.ts'
import { createSettingsStore } from '../../src-main/core/store/settings-store.ts'
import { openStore } from '../../src-main/core/store/store.ts'
import type { Mix } from './mix.ts'
import { type Desk, type Policy, simulate, type Totals } from './simulate.ts'

export interface Round {
  readonly policy: Policy
  /** Draws of models, checks and learning come of it. */
  readonly seed: number
  /** Tasks before those that count: what is learned in them stays. */
  readonly warmUp: number
  readonly tasks: number
}

/** The product's router over a database of its own, with one local and two paid models that are never asked. */
export async function openDesk(): Promise<{ run(mix: Mix, round: Round): Promise<Totals>; close(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-economy-'))
  const opened = openStore(folder, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  const settings = createSettingsStore(store.sqlite)
  const board = createProviderBoard()
  board.report('anthropic', { state: 'healthy', detail: '', models: [] })
  board.report('ollama', { state: 'healthy', detail: '', models: ['llama3.2'] })
  const providers = [createAnthropicProvider({ api_key: 'none' }), createOllamaProvider({ host: 'http://127.0.0.1:9' })]
  const prices = shippedPrices()
  const catalog = createModelCatalog(settings, new Map(providers.map((each) => [each.id, each])), board, prices)
  const outcomes = createRouteOutcomes(store)

  return {
    async run(mix, { policy, seed, warmUp, tasks }) {
      const random = seeded(seed)
      const learned = createLearnedRouting(settings, outcomes, prices, createDraws(random))
      const desk: Desk = { settings, outcomes, router: createRouter(settings, catalog, board, learned) }
      const { max_repairs_per_tier } = mix.repair
      await store.write((tx) =>
        settings.changeSettings(tx, { ...DEFAULTS, max_repairs: max_repairs_per_tier, ...policy.settings }),
      )
      return store.write((tx) => {
        outcomes.forget(tx)
        simulate(tx, desk, mix, policy, random, warmUp)
        return simulate(tx, desk, mix, policy, random, tasks)
      })
    },
    close() {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const DEFAULTS = { routing: 'careful', highest_tier: 'strong' } as const

/** mulberry32: even enough for this, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
