import { z } from 'zod'
import { planDocument } from './plan.ts'
import { tier } from './states.ts'

/** One thing that Baton can work with, as it was found on this machine (R6). */
export const setupItem = z.object({
  /** `ollama`, `comfyui`, `lmstudio` …, the id of a paid provider, `keychain`, `git`, `sandbox` or `gpu`. */
  name: z.string(),
  label: z.string(),
  kind: z.enum(['server', 'key', 'program', 'card']),
  state: z.enum(['found', 'trouble', 'missing']),
  /** What there is, or what to do to have it; one sentence or two. */
  detail: z.string(),
  /** Where a server answers, or is expected. */
  address: z.string().nullable(),
  models: z.array(z.string()),
  /** Models that it lists and Baton does not use, because they run in its maker's cloud. */
  left_out: z.array(z.string()),
  /** The variable of the environment that says where it is, which the settings cannot change then; null where none does. */
  fixed_by: z.string().nullable(),
  /** It answers at its usual address and is not used yet: entering `address` for it in the settings does that. */
  is_new: z.boolean(),
})
export type SetupItem = z.infer<typeof setupItem>

/** What was found, and what Baton would do with it. */
export const setup = z.object({
  /** What this machine runs, for advice on how to install what is missing. */
  platform: z.enum(['linux', 'macos', 'windows', 'other']),
  items: z.array(setupItem),
  /** The model that each tier would go to now; null where none can, and then why. */
  tiers: z.array(z.object({ tier, profile: z.string().nullable(), display_name: z.string(), reason: z.string() })),
  /** A model to pull where Ollama has none, by the memory of the card; null where none is needed. */
  pull: z.string().nullable(),
})
export type Setup = z.infer<typeof setup>

/** The project that a first run can be tried with (U3): what to create it with, and its plan (P8). */
export const sampleProject = z.object({ requirements: z.string(), document: planDocument })
export type SampleProject = z.infer<typeof sampleProject>
