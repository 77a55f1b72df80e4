import {
  type AddressedProvider,
  type BaseUrls,
  type OPENAI_LIKE,
  type ProviderId,
  providerId,
} from '#contract/model.ts'
import type { ProviderEnvironment } from '../core.ts'
import { createGoogleProvider } from './google.ts'
import { createOpenAiProvider } from './openai.ts'
import { isPrivateAddress } from './private-address.ts'
import type { ModelProvider } from './provider.ts'

/** The names by which a person knows the providers. */
const LABELS: Readonly<Record<ProviderId, string>> = {
  anthropic: 'Claude',
  openai: 'OpenAI',
  google: 'Gemini',
  openrouter: 'OpenRouter',
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  llamacpp: 'llama.cpp',
  vllm: 'vLLM',
  demo: 'demo: no AI',
}

export function labelOf(id: string): string {
  const known = providerId.safeParse(id)
  return known.success ? LABELS[known.data] : id
}

type OpenAiLike = (typeof OPENAI_LIKE)[number]

interface Known {
  /** Asked where nobody says otherwise; null: not asked at all until somebody gives an address. */
  readonly base_url: string | null
  readonly needs_key: boolean
  readonly dialect: 'openai' | 'compatible'
  readonly unreachable: string
}

const NETWORK = 'Check the network and the address under Settings, Models.'
const local = (usual: string): Known => ({
  base_url: null,
  needs_key: false,
  dialect: 'compatible',
  unreachable: `Start the server (its usual address is ${usual}), or correct the address under Settings, Models.`,
})

/** Where local servers listen unless told otherwise. */
export const USUAL_ADDRESSES = {
  lmstudio: 'http://127.0.0.1:1234/v1',
  llamacpp: 'http://127.0.0.1:8080/v1',
  vllm: 'http://127.0.0.1:8000/v1',
} as const

/** Local servers are not used at their usual ports, which are other programs' too, before somebody says so. */
const KNOWN: Readonly<Record<OpenAiLike, Known>> = {
  openai: { base_url: 'https://api.openai.com/v1', needs_key: true, dialect: 'openai', unreachable: NETWORK },
  openrouter: {
    base_url: 'https://openrouter.ai/api/v1',
    needs_key: true,
    dialect: 'compatible',
    unreachable: NETWORK,
  },
  lmstudio: local(USUAL_ADDRESSES.lmstudio),
  llamacpp: local(USUAL_ADDRESSES.llamacpp),
  vllm: local(USUAL_ADDRESSES.vllm),
}

/** A provider's address: from the environment, else from the settings, else its usual one. Null: it has none. */
function addressOf(
  id: AddressedProvider,
  usual: string | null,
  environment: ProviderEnvironment,
  chosen: BaseUrls,
): string | null {
  return (environment[id]?.base_url ?? chosen[id] ?? usual)?.replace(/\/+$/, '') ?? null
}

/**
 * A provider that speaks OpenAI's protocol. An address on this machine or in its private network is local and costs
 * nothing; any other is paid, so that local-only work never goes there.
 */
export function createOpenAiLike(
  id: OpenAiLike,
  environment: ProviderEnvironment,
  chosen: BaseUrls,
  api_key: string,
): ModelProvider {
  const known = KNOWN[id]
  const label = LABELS[id]
  const base_url = addressOf(id, known.base_url, environment, chosen)
  if (base_url === null) return absent(id, label)
  const isLocal = isPrivateAddress(base_url)
  return createOpenAiProvider({
    id,
    label,
    base_url,
    api_key,
    needs_key: known.needs_key && !isLocal,
    paid: !isLocal,
    dialect: known.dialect,
    unreachable: known.unreachable,
  })
}

/** Google's models at their usual address or another, which counts as paid wherever it is. */
export function createGoogle(environment: ProviderEnvironment, chosen: BaseUrls, api_key: string): ModelProvider {
  const usual = 'https://generativelanguage.googleapis.com'
  return createGoogleProvider({ api_key, base_url: addressOf('google', usual, environment, chosen) ?? usual })
}

/** A local server that nobody has named yet. */
function absent(id: OpenAiLike, label: string): ModelProvider {
  const message = `${label} has no address yet. Enter one under Settings, Models.`
  return {
    id,
    paid: false,
    complete: async () => ({ ok: false, fault: { kind: 'unavailable', message, maybe_billed: false } }),
    check: async () => ({ state: 'not_configured', detail: message, models: [] }),
  }
}
