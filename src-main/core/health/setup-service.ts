import type { Setup } from '#contract/setup.ts'
import { tier as tierWord } from '#contract/states.ts'
import type { ReadCards } from '../gpu/nvidia-smi.ts'
import type { Router } from '../model/router.ts'
import type { ProviderKeys } from '../secret/provider-keys.ts'
import { type Around, cardItem, findServers, keyItems, modelToPull, programItem } from './find-around.ts'

const PLATFORMS: Partial<Record<NodeJS.Platform, Setup['platform']>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
}

export interface SetupParts {
  around(): Around
  readonly keys: Pick<ProviderKeys, 'states'>
  readonly readCards: ReadCards
  readonly router: Pick<Router, 'route'>
  /** Why there is no git and why no sandbox, each null where there is. */
  programs(): Promise<{ readonly git: string | null; readonly sandbox: string | null }>
}

/** What is there on this machine and what Baton would do with it, looked for anew each time (R6). Nothing is changed by asking. */
export function createSetup(parts: SetupParts): () => Promise<Setup> {
  return async () => {
    const [servers, cards, programs] = await Promise.all([
      findServers(parts.around()),
      parts.readCards(),
      parts.programs(),
    ])
    const items = [
      ...servers,
      ...keyItems(parts.keys.states()),
      cardItem(cards),
      programItem('git', 'git', programs.git),
      programItem('sandbox', 'Sandbox', programs.sandbox),
    ]
    const tiers = tierWord.options.map((tier) => {
      const route = parts.router.route({
        type: 'writing',
        complexity: 'medium',
        tier,
        profile: null,
        local_only: false,
      })
      return route.ok
        ? { tier, profile: route.profile.name, display_name: route.profile.display_name, reason: route.reason }
        : { tier, profile: null, display_name: '', reason: route.message }
    })
    return { platform: PLATFORMS[process.platform] ?? 'other', items, tiers, pull: modelToPull(items, cards) }
  }
}
