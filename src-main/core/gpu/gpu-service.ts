import type { GpuStatus } from '#contract/gpu.ts'
import type { Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import type { ComfyuiClient } from '../image/comfyui-client.ts'
import type { ComfyuiService } from '../image/comfyui-health.ts'
import type { Leases, ProcessIdentity } from '../lock/leases.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import { createComfyuiTenant, freeVramBy, vramOf } from './comfyui-tenant.ts'
import { createGpuCard, type GpuCard, type GpuCardParts } from './gpu-card.ts'
import { createOllamaTenant, listLoaded } from './ollama-tenant.ts'
import type { TenantId } from './tenant.ts'

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
  readonly ollama_host: string
  readonly client: ComfyuiClient
  readonly comfyui: ComfyuiService
  readonly isExpected: GpuCardParts['isExpected']
}

const STATUS_MS = 2_000

/** The card of this machine, with Ollama and ComfyUI as its tenants. */
export function createGpu(parts: GpuParts): Gpu {
  const { store, settings, board, leases, self, log, ollama_host, client, comfyui, isExpected } = parts
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
    if (hostOf(ollama_host) !== hostOf(client.url)) return 'Ollama and ComfyUI run on different machines.'
    const stats = comfyui.stats()
    return stats !== null && vramOf(stats) === null ? 'ComfyUI works on the processor, not on a card.' : null
  }

  const deadlineMs = (): number => settings.settings().gpu_release_ms
  const tenants = {
    ollama: createOllamaTenant({ host: ollama_host, freeVram: freeVramBy(client), deadlineMs }),
    comfyui: createComfyuiTenant({ client, deadlineMs }),
  }
  const card = createGpuCard({
    tenants,
    leases,
    self,
    log,
    whyApart,
    batchMs: () => settings.settings().gpu_batch_ms,
    isExpected,
    stillWaiting: (ids) => stillWaiting.all(JSON.stringify(ids)),
  })
  return {
    card,
    release: (side) => tenants[side].release(AbortSignal.timeout(2 * deadlineMs())),
    async status() {
      const signal = AbortSignal.timeout(STATUS_MS)
      const isThere = (name: string): boolean => ['healthy', 'degraded'].includes(board.get(name).state)
      const [stats, loaded] = await Promise.all([
        isThere('comfyui') ? client.stats(signal) : null,
        isThere('ollama') ? listLoaded(ollama_host, signal) : null,
      ])
      const models = loaded?.ok === true ? loaded.value : []
      return {
        ...card.status(),
        vram: stats?.ok === true ? vramOf(stats.value) : null,
        models: models.map(({ name, size_vram }) => ({ name, bytes: size_vram })),
      }
    },
  }
}

/** All names of this machine are one. */
function hostOf(url: string): string {
  const host = new URL(url).hostname
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host) ? 'here' : host
}
