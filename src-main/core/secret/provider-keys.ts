import { ok, type Result } from '#contract/result.ts'
import type { Keychain, Vault } from '../core.ts'

export interface KeyState {
  readonly provider: string
  readonly source: 'environment' | 'keychain' | 'vault' | 'none'
  /** Why a key cannot be kept here; empty where it can. */
  readonly keychain: string
}

/**
 * Keys of paid providers (S8): from the environment, else from the operating system's keychain or the vault. They are handed to the
 * provider's adapter and to nothing else: not to the database, events, logs or a window.
 */
export interface ProviderKeys {
  /** Asks the keychain, at start and when a vault was opened. */
  load(): Promise<void>
  get(provider: string): string
  states(): KeyState[]
  set(provider: string, key: string): Promise<Result<void, string>>
  remove(provider: string): Promise<Result<void, string>>
}

const NO_KEYCHAIN = 'No keychain of the operating system answers here. Give the key in the environment instead.'

export function createProviderKeys(
  fromEnvironment: Readonly<Record<string, string | undefined>>,
  keychain: Keychain | undefined,
  vault?: Pick<Vault, 'has'>,
): ProviderKeys {
  const providers = Object.keys(fromEnvironment)
  const kept = new Map<string, string>()
  let fault = keychain === undefined ? NO_KEYCHAIN : ''
  const account = (provider: string): string => `${provider}-api-key`
  const placeOf = (provider: string): KeyState['source'] =>
    kept.has(provider) ? (vault?.has(account(provider)) === true ? 'vault' : 'keychain') : 'none'

  return {
    async load() {
      if (keychain === undefined) return
      fault = ''
      // Together: a keychain that does not answer is waited for once, not once for each provider.
      await Promise.all(
        providers.map(async (provider) => {
          const found = await keychain.get(account(provider))
          if (!found.ok) fault = found.error
          else if (found.value !== null) kept.set(provider, found.value)
        }),
      )
    },
    get: (provider) => fromEnvironment[provider] || kept.get(provider) || '',
    states: () =>
      providers.map((provider) => ({
        provider,
        source: fromEnvironment[provider] ? 'environment' : placeOf(provider),
        keychain: fault,
      })),
    async set(provider, key) {
      const result =
        keychain === undefined ? { ok: false as const, error: NO_KEYCHAIN } : await keychain.set(account(provider), key)
      if (!result.ok) return result
      kept.set(provider, key)
      fault = ''
      return ok(undefined)
    },
    async remove(provider) {
      const result =
        keychain === undefined ? { ok: false as const, error: NO_KEYCHAIN } : await keychain.remove(account(provider))
      if (!result.ok) return result
      kept.delete(provider)
      return ok(undefined)
    },
  }
}
