import type { ModelProfile } from '#contract/model.ts'
import type { Settings } from '#contract/settings.ts'
import type { ActiveRuns } from './active-runs.ts'

/**
 * Keeps local tasks together by the model that is loaded (E2), because loading another takes as long as many answers. Tasks
 * of the loaded model go as if they had waited `model_group_ms` longer, so the others' turn comes nevertheless; and no more
 * than `max_local_models` are at work at once, so that two models do not drive each other out with every call.
 */
export interface ModelGroups {
  /** How much earlier a task of this profile goes, in ms. */
  headStart(profile: string | undefined): number
  /** Whether giving work to this profile loads a model in place of the one that was used last. */
  swaps(profile: Profile): boolean
  /** Why this profile's model cannot be loaded beside those at work; null where it can. */
  full(profile: Profile): string | null
  /** Gives work to this profile. True: another one's tasks have the head start from now on. */
  took(profile: Profile): boolean
}

type Profile = Pick<ModelProfile, 'name' | 'provider' | 'display_name'>

/** The provider whose models take each other's place in memory. */
const PROVIDER = 'ollama'

export function createModelGroups(active: ActiveRuns, settings: () => Settings): ModelGroups {
  let last: string | null = null
  return {
    headStart: (profile) => (profile !== undefined && profile === last ? settings().model_group_ms : 0),
    swaps: ({ name, provider }) => provider === PROVIDER && last !== null && last !== name,
    full({ name, provider, display_name }) {
      if (provider !== PROVIDER) return null
      const others = active.profilesOf(PROVIDER).filter((profile) => profile !== name)
      if (others.length < settings().max_local_models) return null
      return `Waits until ${others.join(', ')} has nothing to do: ${display_name} is loaded in its place then.`
    },
    took({ name, provider }) {
      if (provider !== PROVIDER || name === last) return false
      last = name
      return true
    },
  }
}
