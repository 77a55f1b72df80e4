import type { GpuStatus } from '#contract/gpu.ts'
import type { Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import type { ComfyuiClient } from '../image/comfyui-client.ts'
import type { ComfyuiService } from '../image/comfyui-health.ts'
import type { SystemStats } from '../image/comfyui-wire.ts'
import type { Leases, ProcessIdentity } from '../lock/leases.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import { createComfyuiTenant, freeVramBy, vramOf } from './comfyui-tenant.ts'
import type { GpuCard, GpuCardParts } from './gpu-card.ts'
import { createGpuCards, leaseOf } from './gpu-cards.ts'
import { freeOn, type ReadCards } from './nvidia-smi.ts'
import { createOllamaTenant, listLoaded } from './ollama-tenant.ts'
import type { ServiceAddresses } from './service-addresses.ts'
import type { ReadFreeVram, TenantId } from './tenant.ts'

export interface Gpu {
  readonly card: GpuCard
  /** With what the servers say now. Nothing is loaded or unloaded by asking. */
  status(): Promise<GpuStatus>
  /** Has a side unload its models, where no work of its own is under way; answers with the bytes that came back. */
  release(side: TenantId): Promise<Result<number, string>>
}

export interface GpuParts {
  readonly store: Store
  readonly settings: SettingsStore
  readonly board: ProviderBoard
  readonly leases: Leases
  readonly self: ProcessIdentity
  readonly log: Log
  readonly addresses: Pick<ServiceAddresses, 'of'>
  readonly client: ComfyuiClient
  readonly comfyui: ComfyuiService
  readonly readCards: ReadCards
  readonly isExpected: GpuCardParts['isExpected']
}

const STATUS_MS = 2_000

/** The card of this machine, with Ollama and ComfyUI as its tenants. */
export function createGpu(parts: GpuParts): Gpu {
  const { store, settings, board, leases, self, log, addresses, client, comfyui, readCards, isExpected } = parts
  const cardsOf = (side: TenantId): readonly number[] => settings.settings().service_cards[side] ?? [0]
  const stillWaiting = store.sqlite
    .prepare<[string], number>(
      "SELECT id FROM task WHERE state IN ('waiting', 'running') AND id IN (SELECT value FROM json_each(?))",
    )
    .pluck()

  function whyApart(): string | null {
    const { gpu_sharing } = settings.settings()
    if (gpu_sharing === 'always') return null
    if (gpu_sharing === 'never') return 'Taking turns is switched off in the settings.'
    if (board.get('comfyui').state === 'not_configured')
      return 'No ComfyUI is set up, so nothing competes for the card.'
    if (hostOf(addresses.of('ollama')) !== hostOf(client.url)) return 'Ollama and ComfyUI run on different machines.'
    const stats = comfyui.stats()
    return stats !== null && vramOf(stats) === null ? 'ComfyUI works on the processor, not on a card.' : null
  }

  const deadlineMs = (): number => settings.settings().gpu_release_ms
  const driverTells = freeOn(readCards, () => settings.settings().service_cards.ollama)
  const comfyuiTells = freeVramBy(client)
  const freeVram: ReadFreeVram = async (signal) => (await driverTells()) ?? (await comfyuiTells(signal))
  const tenants = {
    ollama: createOllamaTenant({ host: () => addresses.of('ollama'), freeVram, deadlineMs }),
    comfyui: createComfyuiTenant({ client, deadlineMs }),
  }
  const card = createGpuCards({
    cards: cardsOf,
    takesLeases: () => settings.settings().gpu_sharing !== 'never',
    tenants,
    leases,
    self,
    log,
    whyApart,
    batchMs: () => settings.settings().gpu_batch_ms,
    isExpected,
    stillWaiting: (ids) => stillWaiting.all(JSON.stringify(ids)),
  })
  /** By the driver, which numbers all of them; otherwise the one that ComfyUI uses. */
  async function allCards(stats: SystemStats | null): Promise<GpuStatus['cards']> {
    const vram = stats === null ? null : vramOf(stats)
    const [index = 0] = cardsOf('comfyui')
    const name = stats?.devices[0]?.name.split(' : ')[0] ?? ''
    const found = (await readCards()) ?? (vram === null ? [] : [{ index, name, ...vram }])
    const held = leases.list().filter((lease) => lease.token !== null)
    return found.map((one) => ({
      ...one,
      sides: (['ollama', 'comfyui'] as const).filter((side) => cardsOf(side).includes(one.index)),
      owner: held.find((lease) => lease.resource === leaseOf(one.index))?.owner ?? null,
    }))
  }

  return {
    card,
    release: (side) => tenants[side].release(AbortSignal.timeout(2 * deadlineMs())),
    async status() {
      const signal = AbortSignal.timeout(STATUS_MS)
      const isThere = (name: string): boolean => ['healthy', 'degraded'].includes(board.get(name).state)
      const [stats, loaded] = await Promise.all([
        isThere('comfyui') ? client.stats(signal) : null,
        isThere('ollama') ? listLoaded(addresses.of('ollama'), signal) : null,
      ])
      const models = loaded?.ok === true ? loaded.value : []
      const cards = await allCards(stats?.ok === true ? stats.value : null)
      return {
        ...card.status(),
        vram: sumOf(cards.filter(({ sides }) => sides.length > 0)) ?? (stats?.ok === true ? vramOf(stats.value) : null),
        cards,
        models: models.map(({ name, size_vram }) => ({ name, bytes: size_vram })),
      }
    },
  }
}

function sumOf(cards: GpuStatus['cards']): GpuStatus['vram'] {
  if (cards.length === 0) return null
  return {
    total_bytes: cards.reduce((sum, card) => sum + card.total_bytes, 0),
    free_bytes: cards.reduce((sum, card) => sum + card.free_bytes, 0),
  }
}

/** All names of this machine are one. */
function hostOf(url: string): string {
  const host = new URL(url).hostname
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host) ? 'here' : host
}
