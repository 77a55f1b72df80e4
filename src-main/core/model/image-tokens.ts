import type { ModelImage } from './provider.ts'

/** Side of the squares by which Claude counts an image, in pixels. */
const CLAUDE_PATCH = 28
/** Older documents of Anthropic count this many pixels a token, which is a little more. */
const CLAUDE_PIXELS_PER_TOKEN = 750
/** Longest side that any Claude model looks at; larger images are made smaller. Older models stop at 1,568. */
const CLAUDE_SIDE = 2_576

/** What Gemini 3 spends on an image at its finest resolution, whatever its size; unasked it is half of that. */
const GEMINI_TOKENS = 2_240

/**
 * The most tokens that a provider can bill for an image, beside the text of the request. Throws for one whose adapter sends
 * no images: nothing may be sent whose price has no bound.
 */
export function imageTokensBound(provider: string, image: Pick<ModelImage, 'width' | 'height'>): number {
  switch (provider) {
    case 'anthropic':
      return claudeBound(image)
    // ai.google.dev, "Media resolution".
    case 'google':
      return GEMINI_TOKENS
    default:
      throw new Error(`No bound is known for images that are sent to ${provider}`)
  }
}

/**
 * platform.claude.com, "Vision": a token for each begun square of 28 pixels, after the image was made to fit the model. The
 * models also have a bound of tokens, which is left out here because it differs from one to the next.
 */
function claudeBound({ width, height }: Pick<ModelImage, 'width' | 'height'>): number {
  const scale = Math.min(1, CLAUDE_SIDE / Math.max(width, height))
  const [w, h] = [Math.ceil(width * scale), Math.ceil(height * scale)]
  const patches = Math.ceil(w / CLAUDE_PATCH) * Math.ceil(h / CLAUDE_PATCH)
  return Math.max(patches, Math.ceil((w * h) / CLAUDE_PIXELS_PER_TOKEN))
}
