import type { ProviderHealth } from '../model/provider.ts'
import type { ComfyuiClient } from './comfyui-client.ts'
import type { SystemStats } from './comfyui-wire.ts'

const GIB = 1_073_741_824

/**
 * How ComfyUI is, by `GET /system_stats`, which loads nothing (H1). `isConfigured`: a person named its address; otherwise
 * nobody listening at ComfyUI's own address means that there is none.
 */
export async function checkComfyui(
  client: ComfyuiClient,
  isConfigured: boolean,
  signal: AbortSignal,
): Promise<ProviderHealth> {
  const stats = await client.stats(signal)
  if (stats.ok) return { state: 'healthy', detail: describe(stats.value), models: [] }
  if (isConfigured) return { state: 'down', detail: stats.error.message, models: [] }
  return {
    state: 'not_configured',
    detail: `No ComfyUI answers at ${client.url}. Start it there, or name its address with COMFYUI_URL, to make images.`,
    models: [],
  }
}

function describe({ system, devices }: SystemStats): string {
  const version = system.comfyui_version === undefined ? 'It' : `Version ${system.comfyui_version}`
  const card = devices[0]
  if (card === undefined) return `${version} runs.`
  if (card.type === 'cpu') return `${version} runs on the processor.`
  return `${version} runs on ${card.name.split(' : ')[0] ?? card.name} with ${(card.vram_total / GIB).toFixed(0)} GB.`
}
