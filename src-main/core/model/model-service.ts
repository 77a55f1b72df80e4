import type { ModelProfile } from '#contract/model.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { KeyState, ProviderKeys } from '../secret/provider-keys.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { ModelCatalog } from './catalog.ts'

/** Model profiles and keys (C6's first part, S8). `onChange` is told when routing may have another answer. */
export function createModelService(
  store: Store,
  events: EventLog,
  settings: SettingsStore,
  catalog: ModelCatalog,
  keys: ProviderKeys,
  onChange: () => void,
  onKey: (provider: string) => Promise<void>,
): Omit<
  Core['models'],
  'loaded' | 'pulls' | 'pull' | 'cancelPull' | 'outcomes' | 'forgetOutcomes' | 'vault' | 'openVault'
> {
  async function change(of: (profiles: readonly ModelProfile[]) => ModelProfile[]): Promise<void> {
    await store.tryWrite((tx) => {
      settings.changeProfiles(tx, of)
      events.append(tx, 'settings.changed', {}, { keys: ['models'] })
    })
    onChange()
  }

  function stateOf(provider: string): Result<KeyState, Refusal> {
    const state = keys.states().find((known) => known.provider === provider)
    return state === undefined ? refuse('bad_request', `The provider ${provider} needs no key.`) : ok(state)
  }

  async function changeKey(
    provider: string,
    change: () => Promise<Result<void, string>>,
  ): Promise<Result<KeyState, Refusal>> {
    const known = stateOf(provider)
    if (!known.ok) return known
    const changed = await change()
    if (!changed.ok) return refuse('unavailable', changed.error)
    // The keychain has it, whatever the disk says now.
    await store.write((tx) => events.append(tx, 'settings.changed', {}, { keys: [`keys.${provider}`] }))
    await onKey(provider)
    return stateOf(provider)
  }

  return {
    list: () => catalog.list(),
    async put(profile) {
      await change((profiles) => [...profiles.filter((own) => own.name !== profile.name), profile])
      const saved = catalog.get(profile.name)
      return saved === undefined
        ? refuse('not_found', `The model profile ${profile.name} was removed meanwhile.`)
        : ok(saved)
    },
    async remove(name) {
      if (!settings.profiles().some((own) => own.name === name)) {
        return catalog.get(name) === undefined
          ? refuse('not_found', `There is no model profile ${name}.`)
          : refuse('conflict', `The model profile ${name} is built in or found on a server. Switch it off instead.`)
      }
      await change((profiles) => profiles.filter((own) => own.name !== name))
      return ok(undefined)
    },
    keys: async () => keys.states(),
    setKey: (provider, key) => changeKey(provider, () => keys.set(provider, key)),
    removeKey: (provider) => changeKey(provider, () => keys.remove(provider)),
  }
}
