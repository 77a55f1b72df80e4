import type { ModelProfile } from '#contract/model.ts'

/** Which models can look at images (P1). */
export interface Sight {
  /** Never fails: a model of which nobody can tell counts as one that cannot. */
  sees(profile: Pick<ModelProfile, 'provider' | 'model'>, signal: AbortSignal): Promise<boolean>
}

/**
 * @param ollamaSees asks the server what the model can do
 */
export function createSight(ollamaSees: (model: string, signal: AbortSignal) => Promise<boolean>): Sight {
  return {
    async sees({ provider, model }, signal) {
      switch (provider) {
        // All models since Claude 3 do.
        case 'anthropic':
          return true
        case 'ollama':
          return ollamaSees(model, signal)
        default:
          return false
      }
    },
  }
}
