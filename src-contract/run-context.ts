import { z } from 'zod'
import { imageMediaType } from './image.ts'
import { citation } from './knowledge-words.ts'

// One of each for all that have it: a start makes what stands here.
const text = z.string()
const whole = z.number().int()

/** An image that the user attached, and whether the model was shown it (P1). */
export const contextImage = z.object({
  /** In the workspace. */
  path: text,
  bytes: whole,
  sha256: text,
  /** Null where it could not be told. */
  media_type: imageMediaType.nullable(),
  /** In pixels; null where it could not be told. */
  width: whole.nullable(),
  height: whole.nullable(),
  /** Why the model was not shown it, as a sentence; null where it was. */
  left_out: z.string().nullable(),
})
export type ContextImage = z.infer<typeof contextImage>

/** The context that was sent to the model (E7). */
export const runContext = z.object({
  system: text,
  prompt: text,
  /** Estimated tokens of system and prompt, and what the tier allows. */
  tokens: whole,
  token_budget: whole,
  /** Where the passages stand that were found in knowledge (K3). */
  sources: z.array(citation).default([]),
  /** Attached images, which are sent before the prompt; empty where none are attached. */
  images: z.array(contextImage).default([]),
  /** Provider and model that it was made for; null where nobody could tell then whether that model can look at images. */
  made_for: z.string().nullable().default(null),
  parts: z.array(z.object({ name: text, tokens: whole, shortened: z.boolean() })),
})
export type RunContext = z.infer<typeof runContext>
