import { z } from 'zod'
import { parseJson } from './json-text.ts'
import type { ModelDelta, ModelRequest, TokenUsage, ToolCall } from './provider.ts'

const count = z.number().int().nonnegative()

const wireUsage = z.lazy(() =>
  z.object({
    prompt_tokens: count,
    completion_tokens: count.nullish(),
    prompt_tokens_details: z.object({ cached_tokens: count.nullish(), cache_write_tokens: count.nullish() }).nullish(),
    /** OpenRouter tells what it charged, in USD. */
    cost: z.number().nonnegative().nullish(),
  }),
)

const callDelta = z.lazy(() =>
  z.object({
    index: count.nullish(),
    id: z.string().nullish(),
    function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
  }),
)

const wireError = z.lazy(() =>
  z.object({
    message: z.string(),
    type: z.string().nullish(),
    code: z.union([z.string(), z.number()]).nullish(),
  }),
)
export type OpenAiError = z.infer<typeof wireError>

/**
 * One chunk of a streamed chat completion (types of npm openai 7.55). Other servers add the model's thinking as
 * `reasoning_content` or `reasoning`; an error in mid-stream comes as a chunk with `error`.
 */
const wireChunk = z.lazy(() =>
  z.object({
    choices: z
      .array(
        z.object({
          delta: z
            .object({
              content: z.string().nullish(),
              refusal: z.string().nullish(),
              reasoning_content: z.string().nullish(),
              reasoning: z.string().nullish(),
              tool_calls: z.array(callDelta).nullish(),
            })
            .nullish(),
          finish_reason: z.string().nullish(),
        }),
      )
      .nullish(),
    usage: wireUsage.nullish(),
    error: wireError.nullish(),
  }),
)

interface OpenCall {
  id: string
  name: string
  json: string
}

/** An answer as it grows with the chunks of the stream. */
export interface OpenAiAnswer {
  text: string
  refusal: string
  finish_reason: string | null
  /** Null until the provider said what it counted. */
  usage: TokenUsage | null
  /** What the provider charged, in micro-dollars, where it tells. */
  cost_micros: number | null
  /** What was not understood; empty where everything was. */
  problem: string
  error: OpenAiError | null
  readonly calls: OpenCall[]
}

export function emptyAnswer(): OpenAiAnswer {
  return {
    text: '',
    refusal: '',
    finish_reason: null,
    usage: null,
    cost_micros: null,
    problem: '',
    error: null,
    calls: [],
  }
}

/** Takes one chunk into the answer; returns what it adds, for showing. */
export function takeChunk(answer: OpenAiAnswer, raw: unknown): ModelDelta[] {
  const parsed = wireChunk.safeParse(raw)
  if (!parsed.success) {
    answer.problem ||= z.prettifyError(parsed.error)
    return []
  }
  const { choices, usage, error } = parsed.data
  if (error != null) answer.error = error
  if (usage != null) {
    answer.usage = toUsage(usage)
    answer.cost_micros = usage.cost == null ? null : Math.ceil(usage.cost * 1_000_000)
  }
  const [choice] = choices ?? []
  if (choice === undefined) return []
  answer.finish_reason = choice.finish_reason ?? answer.finish_reason
  const { content, refusal, reasoning_content, reasoning, tool_calls } = choice.delta ?? {}
  answer.text += content ?? ''
  answer.refusal += refusal ?? ''
  for (const delta of tool_calls ?? []) takeCall(answer.calls, delta)
  return [
    { kind: 'thinking' as const, text: reasoning_content ?? reasoning ?? '' },
    { kind: 'text' as const, text: content ?? '' },
  ].filter((delta) => delta.text !== '')
}

/** Servers differ: some number their calls, some send each whole under the same number with an id of its own. */
function takeCall(calls: OpenCall[], delta: z.infer<typeof callDelta>): void {
  const at = delta.index ?? Math.max(0, calls.length - 1)
  const known = calls[at]
  const isNew = known === undefined || (delta.id != null && delta.id !== '' && known.id !== '' && known.id !== delta.id)
  const call = isNew ? { id: '', name: '', json: '' } : known
  if (isNew) calls.push(call)
  call.id ||= delta.id ?? ''
  call.name += delta.function?.name ?? ''
  call.json += delta.function?.arguments ?? ''
}

/** Cached tokens are a part of `prompt_tokens`; they are priced apart. */
function toUsage(wire: z.infer<typeof wireUsage>): TokenUsage {
  const cache_read = wire.prompt_tokens_details?.cached_tokens ?? 0
  const cache_write_5m = wire.prompt_tokens_details?.cache_write_tokens ?? 0
  return {
    input: Math.max(0, wire.prompt_tokens - cache_read - cache_write_5m),
    output: wire.completion_tokens ?? 0,
    cache_write_5m,
    cache_write_1h: 0,
    cache_read,
  }
}

/**
 * The finished tool calls. Where the answer was cut at its length, a call whose JSON does not parse was cut too and is left
 * out; otherwise the text is passed on as it is, so that the tool's own check tells the model what is wrong (T1).
 */
export function toolCalls(answer: OpenAiAnswer, request: ModelRequest): ToolCall[] {
  const wasCut = answer.finish_reason === 'length'
  return answer.calls.flatMap(({ id, name, json }, index) => {
    if (json === '' && wasCut) return []
    const parsed = json.trim() === '' ? { ok: true as const, value: {} } : parseJson(json)
    if (!parsed.ok && wasCut) return []
    return {
      id: id || `call_${request.messages.length}_${index}`,
      name,
      arguments: parsed.ok ? parsed.value : json,
    }
  })
}
