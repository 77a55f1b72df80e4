import { OPENAI_LIKE } from '#contract/model.ts'
import { ok, type Result } from '#contract/result.ts'
import type { CoreOptions } from './core.ts'
import { freeOn, nvidiaCards, type ReadCards } from './gpu/nvidia-smi.ts'
import { createServiceAddresses, type ServiceAddresses } from './gpu/service-addresses.ts'
import type { Around } from './health/find-around.ts'
import { type ComfyuiClient, createComfyuiClient } from './image/comfyui-client.ts'
import { createAnthropicProvider } from './model/anthropic.ts'
import { createModelCatalog, type ModelCatalog } from './model/catalog.ts'
import { createDemoProvider } from './model/demo.ts'
import { createDraws } from './model/draws.ts'
import { createGoogle, createOpenAiLike } from './model/known-providers.ts'
import { createLearnedRouting } from './model/learned-routing.ts'
import { createOllamaProvider } from './model/ollama.ts'
import { createMovingOllamaServer, type OllamaServer } from './model/ollama-server.ts'
import { createWindowChooser, type WindowChooser } from './model/ollama-window.ts'
import type { PriceTable } from './model/price-table.ts'
import type { ModelProvider } from './model/provider.ts'
import type { ProviderBoard } from './model/provider-status.ts'
import { createRouteOutcomes, type RouteOutcomes } from './model/route-outcomes.ts'
import { createRouter, type Router } from './model/router.ts'
import { createSight, type Sight } from './model/sight.ts'
import { type Refusal, refuse } from './refusal.ts'
import { createProviderKeys, type ProviderKeys } from './secret/provider-keys.ts'
import type { SettingsStore } from './store/settings-store.ts'
import type { Store } from './store/store.ts'

export interface ModelWiring {
  readonly options: CoreOptions
  readonly store: Store
  readonly settings: SettingsStore
  readonly prices: PriceTable
  readonly board: ProviderBoard
}

export interface WiredModels {
  readonly keys: ProviderKeys
  readonly addresses: ServiceAddresses
  readonly comfyui: ComfyuiClient
  readonly ollama: OllamaServer
  readonly windows: WindowChooser
  readonly sight: Sight
  readonly readCards: ReadCards
  readonly providers: ReadonlyMap<string, ModelProvider>
  /** Makes the providers anew, with the keys and addresses that hold now. */
  setUpProviders(): void
  readonly catalog: ModelCatalog
  readonly outcomes: RouteOutcomes
  readonly router: Router
  /** Where the servers of this machine are looked for (R6). */
  around(): Around
}

/** Providers with their keys and addresses, and the routing among them. Refuses addresses that are none. */
export function wireModels({ options, store, settings, prices, board }: ModelWiring): Result<WiredModels, Refusal> {
  const environment = options.providers ?? {}
  const located = createServiceAddresses({ ollama: options.ollama_host, comfyui: options.comfyui_url }, settings)
  if (!located.ok) return refuse('bad_request', located.error)
  const addresses = located.value
  const keys = createProviderKeys(
    {
      anthropic: options.anthropic_api_key,
      google: environment.google?.api_key,
      ...Object.fromEntries(OPENAI_LIKE.map((id) => [id, environment[id]?.api_key])),
    },
    options.keychain,
    options.vault,
  )
  const ollama = createMovingOllamaServer(() => addresses.of('ollama'))
  const readCards = nvidiaCards(options.path ?? '')
  const windows = createWindowChooser(
    ollama,
    freeOn(readCards, () => settings.settings().service_cards.ollama),
  )
  const providers = new Map<string, ModelProvider>([
    ['ollama', createOllamaProvider({ host: () => addresses.of('ollama'), windows })],
  ])
  const { anthropic_base_url: base_url, demo_pace_ms: pace_ms } = options
  const setUpProviders = (): void => {
    const { base_urls } = settings.settings()
    const api_key = keys.get('anthropic')
    providers.set('anthropic', createAnthropicProvider({ api_key, ...(base_url === undefined ? {} : { base_url }) }))
    providers.set('google', createGoogle(environment, base_urls, keys.get('google')))
    for (const id of OPENAI_LIKE) providers.set(id, createOpenAiLike(id, environment, base_urls, keys.get(id)))
  }
  setUpProviders()
  if (options.demo) providers.set('demo', createDemoProvider(pace_ms === undefined ? {} : { pace_ms }))

  const catalog = createModelCatalog(settings, providers, board, prices)
  const outcomes = createRouteOutcomes(store)
  const learned = createLearnedRouting(settings, outcomes, prices, createDraws(Math.random))
  return ok({
    keys,
    addresses,
    comfyui: createComfyuiClient(() => addresses.of('comfyui')),
    ollama,
    windows,
    sight: createSight(windows.sees),
    readCards,
    providers,
    setUpProviders,
    catalog,
    outcomes,
    router: createRouter(settings, catalog, board, learned),
    around: () => ({
      ollama_host: addresses.of('ollama'),
      comfyui_url: addresses.of('comfyui'),
      fixed: { ollama: addresses.isFixed('ollama'), comfyui: addresses.isFixed('comfyui') },
      addresses: {
        ...settings.settings().base_urls,
        ...Object.fromEntries(
          OPENAI_LIKE.flatMap((id) => {
            const given = environment[id]?.base_url
            return given === undefined ? [] : [[id, given]]
          }),
        ),
      },
    }),
  })
}
