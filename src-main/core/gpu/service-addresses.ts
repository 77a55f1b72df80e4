import { err, ok, type Result } from '#contract/result.ts'
import { parseComfyuiUrl } from '../image/comfyui-url.ts'
import { parseOllamaHost } from '../model/ollama-host.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { TenantId } from './tenant.ts'

/** Where Ollama and ComfyUI are at the moment: what the environment says, else what a person entered, else their usual place. */
export interface ServiceAddresses {
  /** A base URL without a slash at its end. */
  of(side: TenantId): string
  /** Whether somebody gave the address; otherwise it is only where such a server usually is. */
  isNamed(side: TenantId): boolean
  /** Whether the environment gave it, so that the settings cannot change it. */
  isFixed(side: TenantId): boolean
}

type Given = Readonly<Record<TenantId, string | undefined>>

/** @returns why a variable of the environment is no address, where one is none */
export function createServiceAddresses(
  given: Given,
  settings: Pick<SettingsStore, 'settings'>,
): Result<ServiceAddresses, string> {
  const fromEnvironment = { ollama: parseOllamaHost(given.ollama ?? ''), comfyui: parseComfyuiUrl(given.comfyui ?? '') }
  const { ollama, comfyui } = fromEnvironment
  if (!ollama.ok) return err(ollama.error)
  if (!comfyui.ok) return err(comfyui.error)
  const usual: Record<TenantId, string> = { ollama: ollama.value, comfyui: comfyui.value }
  const isFixed = (side: TenantId): boolean => (given[side] ?? '').trim() !== ''
  const entered = (side: TenantId): string | null => (isFixed(side) ? null : settings.settings().service_urls[side])
  return ok({
    of: (side) => entered(side)?.replace(/\/+$/, '') ?? usual[side],
    isNamed: (side) => isFixed(side) || entered(side) !== null,
    isFixed,
  })
}
