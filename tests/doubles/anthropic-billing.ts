import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type AnthropicBody, blocksOf } from './anthropic-check.ts'
import { imageHeader } from './image-header.ts'
import { countTokens } from './pieces.ts'
import { NO_TOKENS, type RecordedTokens } from './record.ts'

interface Rates {
  readonly input: number
  readonly output: number
  readonly w5: number
  readonly w1: number
  readonly read: number
}

/** Written down apart from Baton's own table (WIRE §2), so that a mistake there shows. USD per million tokens. */
const RATES: Readonly<Record<string, Rates>> = {
  'claude-sonnet-4-6': { input: 3, output: 15, w5: 3.75, w1: 6, read: 0.3 },
  'claude-sonnet-5-5': { input: 2, output: 10, w5: 2.5, w1: 4, read: 0.1 },
  'claude-opus-4-6': { input: 5, output: 25, w5: 6.25, w1: 10, read: 0.5 },
  'claude-opus-5': { input: 5, output: 25, w5: 6.25, w1: 10, read: 0.5 },
  'claude-haiku-4-5': { input: 1, output: 5, w5: 1.25, w1: 2, read: 0.1 },
  'claude-haiku-4-5-20251001': { input: 1, output: 5, w5: 1.25, w1: 2, read: 0.1 },
}
const HAIKU_5_5_SHORT: Rates = { input: 0.1, output: 0.5, w5: 0.125, w1: 0.2, read: 0.01 }
const HAIKU_5_5_LONG: Rates = { input: 0.5, output: 2.5, w5: 0.625, w1: 1, read: 0.05 }

export const BILLED_MODELS: readonly string[] = [...Object.keys(RATES), 'claude-haiku-5-5']

function ratesOf(model: string, prompt_tokens: number): Rates {
  if (model === 'claude-haiku-5-5') return prompt_tokens <= 100_000 ? HAIKU_5_5_SHORT : HAIKU_5_5_LONG
  const rates = RATES[model]
  if (rates === undefined) throw new Error(`The double knows no price for ${model}`)
  return rates
}

/** Micro-dollars, exact to a thousandth. */
export function bill(model: string, tokens: RecordedTokens): number {
  const prompt = tokens.input + tokens.cache_write_5m + tokens.cache_write_1h + tokens.cache_read
  const rates = ratesOf(model, prompt)
  const milli = (count: number, rate: number) => count * Math.round(rate * 1_000)
  const sum =
    milli(tokens.input, rates.input) +
    milli(tokens.output, rates.output) +
    milli(tokens.cache_write_5m, rates.w5) +
    milli(tokens.cache_write_1h, rates.w1) +
    milli(tokens.cache_read, rates.read)
  return sum / 1_000
}

const PATCH = 28

/**
 * What an image is billed: a token for each begun square of 28 pixels, after it was made to fit the model (platform.claude.com,
 * "Vision"). Models before 4.7 look at 1,568 pixels a side and 1,568 squares at most, later ones at 2,576 and 4,784.
 */
export function imageTokens(model: string, data: string): number {
  const size = imageHeader(Buffer.from(data, 'base64'))
  if (size === null) throw new Error('The double bills only what it has checked')
  const [side, most] = /-4-[56]|haiku-4/.test(model) ? [1_568, 1_568] : [2_576, 4_784]
  const patches = (scale: number): number =>
    Math.ceil((size.width * scale) / PATCH) * Math.ceil((size.height * scale) / PATCH)
  let scale = Math.min(1, side / Math.max(size.width, size.height))
  while (patches(scale) > most) scale *= 0.999
  return patches(scale)
}

const MIN_CACHED_TOKENS = 1_024
const MIN_CACHED_TOKENS_LARGE = 4_096

/** Prompt caches of one double: beginnings of prompts that were written before. They never expire here. */
export class PromptCache {
  private readonly known = new Set<string>()

  /** Splits the prompt of a request into what is read from the cache, written to it, and neither. */
  take(body: AnthropicBody): RecordedTokens {
    const head = JSON.stringify(
      [body.tools ?? [], body.system ?? '', body.output_config?.format?.schema ?? null],
      withoutMarks,
    )
    // prefixes[i] is the prompt up to and with the i-th message; the first is the head alone.
    const prefixes = [`${body.model}${head}`]
    // Tokens of the images up to there, which are not counted by their text.
    const images = [0]
    for (const message of body.messages) {
      prefixes.push(`${prefixes.at(-1)}${JSON.stringify(message, withoutMarks)}`)
      const own = blocksOf(message.content).flatMap((b) => (b.type === 'image' ? [b.source.data] : []))
      images.push((images.at(-1) ?? 0) + own.reduce((sum, data) => sum + imageTokens(body.model, data), 0))
    }
    const tokensAt = (at: number) => countTokens((prefixes[at] ?? '').length - body.model.length) + (images[at] ?? 0)
    const total = tokensAt(prefixes.length - 1)

    const least = /sonnet/.test(body.model) ? MIN_CACHED_TOKENS : MIN_CACHED_TOKENS_LARGE
    const marks = marked(body).filter((at) => tokensAt(at) >= least)
    const last = marks.at(-1)
    if (last === undefined) return { ...NO_TOKENS, input: total }

    const hit = prefixes.slice(0, last + 1).findLastIndex((prefix) => this.known.has(prefix))
    const read = hit === -1 ? 0 : tokensAt(hit)
    for (const at of marks) this.known.add(prefixes[at] ?? '')
    const written = tokensAt(last) - read
    const hour = JSON.stringify(body).includes('"ttl":"1h"')
    return {
      ...NO_TOKENS,
      input: total - tokensAt(last),
      cache_read: read,
      cache_write_5m: hour ? 0 : written,
      cache_write_1h: hour ? written : 0,
    }
  }
}

/** Places of cache breakpoints, in order: 0 is the end of tools and system, i + 1 the end of the i-th message. */
function marked(body: AnthropicBody): number[] {
  const isMarked = (value: unknown) => JSON.stringify(value ?? null).includes('"cache_control"')
  const places = body.messages.flatMap((message, index) => (isMarked(message.content) ? [index + 1] : []))
  if (isMarked(body.tools) || isMarked(body.system)) places.unshift(0)
  if (body.cache_control != null && !places.includes(body.messages.length)) places.push(body.messages.length)
  return places
}

/** A breakpoint that moves on with the conversation is no part of the text; an image is there by its digest. */
function withoutMarks(key: string, value: unknown): unknown {
  if (key === 'cache_control') return undefined
  const image = key === 'source' ? imageSource.safeParse(value) : null
  return image?.success === true ? createHash('sha256').update(image.data.data).digest('base64') : value
}

const imageSource = z.object({ type: z.literal('base64'), data: z.string() })
