import { type ModelProfile, type ModelProfileStatus, modelProfile, type ProviderId } from '#contract/model.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import { labelOf } from './known-providers.ts'
import { cloudRefusal, isCloudName } from './ollama-cloud.ts'
import { type PriceTable, priceOf } from './price-table.ts'
import type { ModelProvider } from './provider.ts'
import type { ProviderBoard } from './provider-status.ts'

/** Profiles that exist without anybody making them (R3's defaults, one pair of each other cloud provider, and the demo model). */
const BUILT_IN = [
  {
    name: 'claude-sonnet',
    display_name: 'Claude Sonnet 4.6',
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    tiers: ['strong'],
    max_output_tokens: 16_000,
    context_tokens: 200_000,
  },
  {
    name: 'claude-haiku',
    display_name: 'Claude Haiku 4.5',
    provider: 'anthropic',
    model: 'claude-haiku-4-5-20251001',
    tiers: ['fast'],
    max_output_tokens: 8_192,
    context_tokens: 200_000,
  },
  {
    name: 'gpt-sol',
    display_name: 'GPT-6 Sol',
    provider: 'openai',
    model: 'gpt-6-sol',
    tiers: ['strong'],
    rank: 110,
    max_output_tokens: 16_000,
    context_tokens: 200_000,
  },
  {
    name: 'gpt-luna',
    display_name: 'GPT-6 Luna',
    provider: 'openai',
    model: 'gpt-6-luna',
    tiers: ['fast'],
    rank: 110,
    max_output_tokens: 8_192,
    context_tokens: 200_000,
  },
  {
    name: 'gemini-flash',
    display_name: 'Gemini 3.8 Flash',
    provider: 'google',
    model: 'gemini-3.8-flash',
    tiers: ['fast', 'strong'],
    rank: 120,
    // Thoughts count among the tokens of an answer.
    max_output_tokens: 16_000,
    context_tokens: 200_000,
  },
  {
    name: 'demo',
    display_name: 'demo: no AI',
    provider: 'demo',
    model: 'demo',
    tiers: ['local', 'fast', 'strong'],
    max_output_tokens: 8_192,
    context_tokens: 200_000,
    max_concurrent: 4,
  },
]

/** Built in for providers that R3 does not name. */
const LATER: ReadonlySet<string> = new Set(
  BUILT_IN.filter(({ provider }) => provider !== 'anthropic' && provider !== 'demo').map(({ name }) => name),
)
/** Servers whose models become profiles by themselves. */
export const LOCAL_SERVERS: readonly ProviderId[] = ['ollama', 'lmstudio', 'llamacpp', 'vllm']

/** Discovered models come after what a person ranked. */
const DISCOVERED_RANK = 500
/** Embedding models cannot chat; Ollama's list does not always tell, their names do. */
const EMBEDDER = /embed|bge-|minilm/i

export interface ModelCatalog {
  /**
   * Profiles made by a person, built in, and found on local servers; with whether each can be used now. Those built in for
   * a provider other than R3's default appear once it is set up.
   */
  list(): ModelProfileStatus[]
  get(name: string): ModelProfileStatus | undefined
  /** One of the list. */
  offered(name: string): ModelProfileStatus | undefined
  provider(id: string): ModelProvider | undefined
}

export function createModelCatalog(
  settings: SettingsStore,
  providers: ReadonlyMap<string, ModelProvider>,
  board: ProviderBoard,
  prices: PriceTable,
): ModelCatalog {
  let parsed: readonly ModelProfile[] | undefined

  function builtInProfiles(): readonly ModelProfile[] {
    parsed ??= BUILT_IN.map((profile) => modelProfile.parse(profile))
    return parsed
  }

  function all(): ModelProfile[] {
    const own = settings.profiles()
    const names = new Set(own.map((profile) => profile.name))
    const builtIn = builtInProfiles().filter((profile) => !names.has(profile.name) && providers.has(profile.provider))
    const discovered = LOCAL_SERVERS.flatMap((id) => found(id, own)).filter((profile) => !names.has(profile.name))
    return [...own, ...builtIn, ...discovered].sort((a, b) => a.rank - b.rank)
  }

  /** One's own profile goes before any other of its name, so the others need not be put together to find it. */
  function named(name: string): ModelProfile | undefined {
    const isNamed = (profile: ModelProfile): boolean => profile.name === name
    return settings.profiles().find(isNamed) ?? all().find(isNamed)
  }

  /** What a local server has and nobody made a profile of. */
  function found(id: ProviderId, own: readonly ModelProfile[]): ModelProfile[] {
    if (providers.get(id)?.paid !== false) return []
    const models = new Set(own.filter((profile) => profile.provider === id).map((profile) => profile.model))
    return board
      .get(id)
      .models.filter((model) => !models.has(model) && !EMBEDDER.test(model) && !(id === 'ollama' && isCloudName(model)))
      .flatMap((model, index) => discoveredProfile(id, model, index))
  }

  function isOffered(profile: ModelProfile): boolean {
    if (!LATER.has(profile.name) || settings.profiles().some((own) => own.name === profile.name)) return true
    const { state } = board.get(profile.provider)
    return state !== 'not_configured' && state !== 'unknown'
  }

  function statusOf(profile: ModelProfile): ModelProfileStatus {
    const provider = providers.get(profile.provider)
    const paid = provider?.paid ?? false
    const reason = whyNot(profile, provider)
    return { ...profile, paid, available: reason === '', reason }
  }

  function whyNot(profile: ModelProfile, provider: ModelProvider | undefined): string {
    if (!profile.enabled) return 'Switched off in the settings.'
    if (provider === undefined) return `The provider ${profile.provider} is not part of this Baton.`
    if (profile.provider === 'ollama' && isCloudName(profile.model)) return cloudRefusal(profile.model)
    if (provider.paid && priceOf(prices, profile.model, Date.now(), 0) === null) {
      return `No price is known for ${profile.model}, so its cost cannot be bounded. Enter one first.`
    }
    const status = board.get(profile.provider)
    if (status.state === 'down' || status.state === 'not_configured') return status.detail
    if (status.missing.includes(profile.model))
      return `${labelOf(profile.provider)} has no model ${profile.model} any more. ${instead(profile)}`
    const rest = status.resting.find(({ model }) => model === profile.model)
    if (rest !== undefined) return `${rest.reason} Asked again at ${toTimestamp(rest.until)}.`
    if (status.held_by === 'trouble') {
      return `${status.held_reason} Asked again at ${toTimestampOrNull(status.held_until) ?? 'once'}.`
    }
    if (status.state === 'healthy' && status.models.length > 0 && !status.models.includes(profile.model)) {
      return `${labelOf(profile.provider)} has no model ${profile.model}. ${instead(profile)}`
    }
    return ''
  }

  return {
    list: () => all().filter(isOffered).map(statusOf),
    offered(name) {
      const profile = named(name)
      return profile === undefined || !isOffered(profile) ? undefined : statusOf(profile)
    },
    get(name) {
      const profile = named(name)
      return profile === undefined ? undefined : statusOf(profile)
    },
    provider: (id) => providers.get(id),
  }
}

function instead({ provider, model }: ModelProfile): string {
  return provider === 'ollama'
    ? `Pull it with "baton models pull ${model}", or choose another.`
    : 'Choose another under Settings, Models.'
}

/** None where the server's name of the model is too strange for a profile. */
function discoveredProfile(provider: ProviderId, model: string, index: number): ModelProfile[] {
  const parsed = modelProfile.safeParse({
    name: `${provider}:${model}`.replace(/[^a-z0-9._:-]/gi, '-').slice(0, 100),
    display_name: model.slice(0, 100),
    provider,
    model,
    tiers: ['local'],
    rank: Math.min(DISCOVERED_RANK + index, 1_000),
    max_concurrent: 1,
    max_output_tokens: 4_096,
    context_tokens: 16_384,
  })
  return parsed.success ? [parsed.data] : []
}
