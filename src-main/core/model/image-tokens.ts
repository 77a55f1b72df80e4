import type { ModelImage } from './provider.ts'

/** Side of the squares by which Claude counts an image, in pixels. */
const CLAUDE_PATCH = 28
/** Older documents of Anthropic count this many pixels a token, which is a little more. */
const CLAUDE_PIXELS_PER_TOKEN = 750
/** Longest side that any Claude model looks at; larger images are made smaller. Older models stop at 1,568. */
const CLAUDE_SIDE = 2_576

/**
 * The most tokens that a provider can bill for an image, beside the text of the request. Throws for one whose adapter sends
 * no images: nothing may be sent whose price has no bound.
 *
 * Anthropic (platform.claude.com, "Vision"): a token for each begun square of 28 pixels, after the image was made to fit the
 * model. The models also have a bound of tokens, which is left out here because it differs from one to the next.
 */
export function imageTokensBound(provider: string, { width, height }: Pick<ModelImage, 'width' | 'height'>): number {
  if (provider !== 'anthropic') throw new Error(`No bound is known for images that are sent to ${provider}`)
  const scale = Math.min(1, CLAUDE_SIDE / Math.max(width, height))
  const [w, h] = [Math.ceil(width * scale), Math.ceil(height * scale)]
  const patches = Math.ceil(w / CLAUDE_PATCH) * Math.ceil(h / CLAUDE_PATCH)
  return Math.max(patches, Math.ceil((w * h) / CLAUDE_PIXELS_PER_TOKEN))
}
