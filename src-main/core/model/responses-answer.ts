import { z } from 'zod'
import type { OpenAiAnswer } from './openai-answer.ts'
import type { ModelDelta, TokenUsage, ToolCall } from './provider.ts'
import { type ReasoningItem, reasoningItem, toSignature } from './responses-request.ts'

const count = z.number().int().nonnegative()

const wireUsage = z.lazy(() =>
  z.object({
    input_tokens: count,
    input_tokens_details: z.object({ cached_tokens: count.nullish(), cache_write_tokens: count.nullish() }).nullish(),
    output_tokens: count,
  }),
)

const wireError = z.object({ message: z.string(), code: z.string().nullish() })

const delta = z.object({ delta: z.string() })
const itemDone = z.lazy(() =>
  z.object({
    item: z.union([
      z.object({ type: z.literal('function_call'), call_id: z.string(), name: z.string(), arguments: z.string() }),
      reasoningItem,
      // A message, whose text came in pieces, or something of a later time.
      z.object({ type: z.string() }).transform(() => null),
    ]),
  }),
)
const ended = z.lazy(() =>
  z.object({
    response: z.object({
      usage: wireUsage.nullish(),
      error: wireError.nullish(),
      incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
    }),
  }),
)
const wireEvent = z.looseObject({ type: z.string() })

/** An answer of the Responses API as it grows; beside what chat completions have, the thoughts before its calls. */
export interface ResponsesAnswer {
  readonly answer: OpenAiAnswer
  readonly thoughts: ReasoningItem[]
}

/** Takes one event of the stream (types of npm openai 7.55); returns what it adds, for showing. Unknown events are passed over. */
export function takeEvent({ answer, thoughts }: ResponsesAnswer, raw: unknown): ModelDelta[] {
  const event = read(answer, wireEvent, raw)
  switch (event?.type) {
    case 'response.output_text.delta': {
      const text = read(answer, delta, event)?.delta ?? ''
      answer.text += text
      return text === '' ? [] : [{ kind: 'text', text }]
    }
    case 'response.reasoning_summary_text.delta': {
      const text = read(answer, delta, event)?.delta ?? ''
      return text === '' ? [] : [{ kind: 'thinking', text }]
    }
    case 'response.refusal.delta':
      answer.refusal += read(answer, delta, event)?.delta ?? ''
      return []
    case 'response.output_item.done': {
      const item = read(answer, itemDone, event)?.item ?? null
      if (item?.type === 'reasoning') thoughts.push(item)
      else if (item !== null) answer.calls.push({ id: item.call_id, name: item.name, json: item.arguments })
      return []
    }
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
      takeEnd(answer, event.type, read(answer, ended, event))
      return []
    case 'error':
      answer.error = read(answer, wireError, event)
      return []
    default:
      return []
  }
}

/** What cannot be read is noted in the answer. */
function read<T extends z.ZodType>(answer: OpenAiAnswer, schema: T, raw: unknown): z.output<T> | null {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  answer.problem ||= z.prettifyError(parsed.error)
  return null
}

function takeEnd(answer: OpenAiAnswer, type: string, end: z.output<typeof ended> | null): void {
  if (end === null) return
  const { usage, error, incomplete_details } = end.response
  if (usage != null) answer.usage = toUsage(usage)
  if (type === 'response.failed') answer.error = error ?? { message: 'no reason given' }
  else if (type === 'response.completed') answer.finish_reason = 'stop'
  else answer.finish_reason = incomplete_details?.reason === 'content_filter' ? 'content_filter' : 'length'
}

/** Cached tokens are a part of `input_tokens`; they are priced apart. Thoughts are a part of `output_tokens`. */
function toUsage({ input_tokens, input_tokens_details, output_tokens }: z.infer<typeof wireUsage>): TokenUsage {
  const cache_read = input_tokens_details?.cached_tokens ?? 0
  const cache_write_5m = input_tokens_details?.cache_write_tokens ?? 0
  const input = Math.max(0, input_tokens - cache_read - cache_write_5m)
  return { input, output: output_tokens, cache_write_5m, cache_write_1h: 0, cache_read }
}

/** The thoughts go with the first call, which brings them back. */
export function withThoughts(
  model: string,
  calls: readonly ToolCall[],
  thoughts: readonly ReasoningItem[],
): readonly ToolCall[] {
  const [first, ...others] = calls
  if (first === undefined || thoughts.length === 0) return calls
  return [{ ...first, signature: toSignature(model, thoughts) }, ...others]
}
