import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAnthropicProvider } from '../../src-main/core/model/anthropic.ts'
import { createModelCatalog, type ModelCatalog } from '../../src-main/core/model/catalog.ts'
import { createDraws } from '../../src-main/core/model/draws.ts'
import { createLearnedRouting } from '../../src-main/core/model/learned-routing.ts'
import { createOllamaProvider } from '../../src-main/core/model/ollama.ts'
import { type PriceTable, shippedPrices } from '../../src-main/core/model/price-table.ts'
import { createProviderBoard } from '../../src-main/core/model/provider-status.ts'
import { createRouteOutcomes, type RouteOutcomes } from '../../src-main/core/model/route-outcomes.ts'
import { createRouter, type Router } from '../../src-main/core/model/router.ts'
import { createSettingsStore, type SettingsStore } from '../../src-main/core/store/settings-store.ts'
import { openStore, type Store } from '../../src-main/core/store/store.ts'

/** The product's router on a real database, with one local and two paid models that are there and never asked. */
export interface RoutedModels {
  readonly store: Store
  readonly settings: SettingsStore
  readonly prices: PriceTable
  readonly catalog: ModelCatalog
  readonly outcomes: RouteOutcomes
  /** A router whose learned choices are drawn by `random`. */
  router(random: () => number): Router
  close(): void
}

/** A database in a folder of its own. Nothing of it has to outlive the machine, so no commit waits for the disk. */
export function openRoutedModels(): RoutedModels {
  const folder = mkdtempSync(join(tmpdir(), 'baton-routed-'))
  const opened = openStore(folder, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  store.sqlite.pragma('synchronous = OFF')
  const settings = createSettingsStore(store.sqlite)
  const board = createProviderBoard()
  board.report('anthropic', { state: 'healthy', detail: '', models: [] })
  board.report('ollama', { state: 'healthy', detail: '', models: ['llama3.2'] })
  const providers = [
    createAnthropicProvider({ api_key: 'none' }),
    createOllamaProvider({ host: () => 'http://127.0.0.1:9' }),
  ]
  const prices = shippedPrices()
  const catalog = createModelCatalog(settings, new Map(providers.map((each) => [each.id, each])), board, prices)
  const outcomes = createRouteOutcomes(store)
  return {
    store,
    settings,
    prices,
    catalog,
    outcomes,
    router: (random) =>
      createRouter(settings, catalog, board, createLearnedRouting(settings, outcomes, prices, createDraws(random))),
    close() {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
