import type { ModelProfile } from '#contract/model.ts'
import type { ModelImage } from './provider.ts'

type ImageKind = ModelImage['media_type']

/** Which models can look at images, and at what kinds of them (P1). */
export interface Sight {
  /** None for a model that cannot look at images; null where its server does not say now whether it can. Never fails. */
  kinds(profile: Pick<ModelProfile, 'provider' | 'model'>, signal: AbortSignal): Promise<readonly ImageKind[] | null>
}

/** platform.claude.com, "Vision". Of a GIF that moves, the first picture. */
const CLAUDE: readonly ImageKind[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']
/** ai.google.dev, "Image understanding". */
const GEMINI: readonly ImageKind[] = ['image/png', 'image/jpeg', 'image/webp']
/** Older ones bill an image by tiles; for later ones no bound is known. */
const GEMINI_3 = /^gemini-3[.-]/
/** What every server and model takes; with others it depends on both (ollama/ollama #2457, #7388). */
const OLLAMA: readonly ImageKind[] = ['image/png', 'image/jpeg']

/**
 * @param ollamaSees asks the server what the model can do; null without an answer
 */
export function createSight(ollamaSees: (model: string, signal: AbortSignal) => Promise<boolean | null>): Sight {
  return {
    async kinds({ provider, model }, signal) {
      switch (provider) {
        // All models since Claude 3 see.
        case 'anthropic':
          return CLAUDE
        case 'ollama': {
          const sees = await ollamaSees(model, signal)
          if (sees === null) return null
          return sees ? OLLAMA : []
        }
        case 'google':
          return GEMINI_3.test(model) ? GEMINI : []
        default:
          return []
      }
    },
  }
}
