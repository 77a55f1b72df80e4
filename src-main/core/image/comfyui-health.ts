import type { ProviderHealth } from '../model/provider.ts'
import type { ComfyuiClient } from './comfyui-client.ts'
import type { SystemStats } from './comfyui-wire.ts'

const GIB = 1_073_741_824

/** ComfyUI as a service that is watched. */
export interface ComfyuiService {
  readonly id: 'comfyui'
  readonly label: string
  readonly paid: false
  check(signal: AbortSignal): Promise<ProviderHealth>
  /** What it said of its machine when it last answered; null where it never did. */
  stats(): SystemStats | null
}

/**
 * Asks by `GET /system_stats`, which loads nothing (H1). `isNamed`: a person gave its address; otherwise nobody listening at
 * ComfyUI's own address means that there is none, until one has answered once.
 */
export function createComfyuiService(client: ComfyuiClient, isNamed: () => boolean): ComfyuiService {
  let last: SystemStats | null = null
  return {
    id: 'comfyui',
    label: 'ComfyUI',
    paid: false,
    stats: () => last,
    async check(signal) {
      const stats = await client.stats(signal)
      if (stats.ok) {
        last = stats.value
        return { state: 'healthy', detail: describe(stats.value), models: [] }
      }
      if (isNamed() || last !== null) return { state: 'down', detail: stats.error.message, models: [] }
      return {
        state: 'not_configured',
        detail: `No ComfyUI answers at ${client.url}. Start it there, or name its address with COMFYUI_URL or on the page of the first run, to make images.`,
        models: [],
      }
    },
  }
}

function describe({ system, devices }: SystemStats): string {
  const version = system.comfyui_version === undefined ? 'It' : `Version ${system.comfyui_version}`
  const card = devices[0]
  if (card === undefined) return `${version} runs.`
  if (card.type === 'cpu') return `${version} runs on the processor.`
  return `${version} runs on ${card.name.split(' : ')[0] ?? card.name} with ${(card.vram_total / GIB).toFixed(0)} GB.`
}
