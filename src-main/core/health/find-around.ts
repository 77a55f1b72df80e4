import { OPENAI_LIKE, type ProviderId } from '#contract/model.ts'
import type { SetupItem } from '#contract/setup.ts'
import type { GraphicsCard } from '../gpu/nvidia-smi.ts'
import { inGigabytes } from '../gpu/tenant.ts'
import { createComfyuiClient } from '../image/comfyui-client.ts'
import { createComfyuiService } from '../image/comfyui-health.ts'
import { createOpenAiLike, labelOf, USUAL_ADDRESSES } from '../model/known-providers.ts'
import { createOllamaProvider } from '../model/ollama.ts'
import type { ProviderHealth } from '../model/provider.ts'
import type { KeyState } from '../secret/provider-keys.ts'

/** Where servers are looked for: the address that is used, and the one that is tried where none is. */
export interface Around {
  readonly ollama_host: string
  readonly comfyui_url: string
  /** Those of which the environment says where they are. */
  readonly fixed?: Readonly<Partial<Record<'ollama' | 'comfyui', boolean>>>
  /** Addresses that a person gave to servers which speak OpenAI's protocol. */
  readonly addresses: { readonly [id in ProviderId]?: string | undefined }
  /** For tests; absent: the usual ones. */
  readonly usual?: Partial<Readonly<Record<keyof typeof USUAL_ADDRESSES, string>>>
}

const PATIENCE_MS = 1_500
/** Providers of whom Baton uses a key where there is one; Anthropic is the one that it asks for by default. */
const KEYED: readonly string[] = ['anthropic', 'openai', 'google', 'openrouter']
/** Names of Ollama's library by the memory, in GiB, from which they run well on a card. */
const PULLS = [
  [24, 'qwen3:32b'],
  [12, 'qwen3:14b'],
  [7, 'qwen3:8b'],
] as const
const SMALL_PULL = 'llama3.2'
const GIB = 1_073_741_824

/**
 * Looks for the servers of this machine (R6): at their addresses, and where nobody gave one at their usual ports, which are
 * asked for their list of models and nothing else. Only on demand: those ports are also other programs' (decision 0024).
 */
export async function findServers(around: Around): Promise<SetupItem[]> {
  const local = OPENAI_LIKE.filter((id) => id in USUAL_ADDRESSES) as (keyof typeof USUAL_ADDRESSES)[]
  return Promise.all([findOllama(around), findComfyui(around), ...local.map((id) => findOpenAiLike(id, around))])
}

async function findOllama({ ollama_host: host, fixed }: Around): Promise<SetupItem> {
  const health = await createOllamaProvider({ host: () => host }).check(AbortSignal.timeout(PATIENCE_MS))
  return { ...serverItem('ollama', 'Ollama', host, health), fixed_by: fixed?.ollama === true ? 'OLLAMA_HOST' : null }
}

async function findComfyui({ comfyui_url: url, fixed }: Around): Promise<SetupItem> {
  const service = createComfyuiService(
    createComfyuiClient(() => url),
    () => false,
  )
  const health = await service.check(AbortSignal.timeout(PATIENCE_MS))
  return {
    ...serverItem('comfyui', service.label, url, health),
    fixed_by: fixed?.comfyui === true ? 'COMFYUI_URL' : null,
  }
}

async function findOpenAiLike(id: keyof typeof USUAL_ADDRESSES, around: Around): Promise<SetupItem> {
  const given = around.addresses[id]
  const address = given ?? around.usual?.[id] ?? USUAL_ADDRESSES[id]
  const provider = createOpenAiLike(id, { [id]: { base_url: address } }, {}, '')
  const health = await provider.check(AbortSignal.timeout(PATIENCE_MS))
  const item = serverItem(id, labelOf(id), address, health)
  if (given !== undefined) return item
  if (item.state === 'found') {
    const detail = `A server answers at ${address}, the usual address of ${item.label}. Enter that address under Settings, Models to use it.`
    return { ...item, detail, is_new: true }
  }
  const detail = `Nothing answers as ${item.label} does at ${address}. Start it, or enter its address under Settings, Models.`
  return { ...item, state: 'missing', detail, models: [] }
}

function serverItem(name: string, label: string, address: string, health: ProviderHealth): SetupItem {
  const state = health.state === 'healthy' ? 'found' : health.state === 'degraded' ? 'trouble' : 'missing'
  return {
    ...plain(name, label, 'server'),
    state,
    detail: health.detail,
    address,
    models: [...health.models],
    left_out: [...(health.left_out ?? [])],
  }
}

/** Keys by provider, and whether the keychain answers. A key is never shown, only that there is one. */
export function keyItems(states: readonly KeyState[]): SetupItem[] {
  const keys = KEYED.flatMap((id) => states.filter(({ provider }) => provider === id)).map(
    ({ provider, source, keychain }): SetupItem => ({
      ...plain(provider, labelOf(provider), 'key'),
      state: source === 'none' ? 'missing' : 'found',
      detail:
        source === 'none'
          ? `No key. Enter one under Settings, Models${keychain === '' ? '' : `, or set ${variableOf(provider)}`}, to use its models.`
          : `There is a key, from the ${source}.`,
    }),
  )
  const fault = states.find(({ keychain }) => keychain !== '')?.keychain ?? ''
  return [
    ...keys,
    {
      ...plain('keychain', 'Keychain', 'program'),
      state: fault === '' ? 'found' : 'trouble',
      detail: fault === '' ? 'It answers.' : fault,
    },
  ]
}

function variableOf(provider: string): string {
  return `${provider === 'google' ? 'GEMINI' : provider.toUpperCase()}_API_KEY`
}

export function cardItem(cards: readonly GraphicsCard[] | null): SetupItem {
  const item = plain('gpu', 'Graphics card', 'card')
  if (cards === null || cards.length === 0) {
    const detail = 'nvidia-smi tells of none. Local models run on the processor, or on a card that it does not know.'
    return { ...item, state: 'missing', detail }
  }
  const told = cards.map(
    (card) => `${card.name} with ${inGigabytes(card.total_bytes)}, ${inGigabytes(card.free_bytes)} free`,
  )
  return { ...item, state: 'found', detail: `${told.join('; ')}.` }
}

/** A program that Baton uses: `fault` says why it cannot, null where it can. */
export function programItem(name: string, label: string, fault: string | null): SetupItem {
  return {
    ...plain(name, label, 'program'),
    state: fault === null ? 'found' : 'missing',
    detail: fault ?? 'It is there.',
  }
}

/** A model that fits the largest card; a small one where no card is known, which runs on the processor too. */
export function modelToPull(items: readonly SetupItem[], cards: readonly GraphicsCard[] | null): string | null {
  const ollama = items.find(({ name }) => name === 'ollama')
  if (ollama === undefined || ollama.state === 'missing' || ollama.models.length > 0) return null
  const largest = Math.max(0, ...(cards ?? []).map((card) => card.total_bytes)) / GIB
  return PULLS.find(([least]) => largest >= least)?.[1] ?? SMALL_PULL
}

function plain(name: string, label: string, kind: SetupItem['kind']) {
  return { name, label, kind, address: null, models: [], left_out: [], fixed_by: null, is_new: false }
}
