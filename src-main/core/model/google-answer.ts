import { z } from 'zod'
import type { ModelDelta, ModelRequest, TokenUsage, ToolCall } from './provider.ts'

const count = z.number().int().nonnegative().nullish()

const wireUsage = z.object({
  promptTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
  cachedContentTokenCount: count,
})

const wirePart = z.lazy(() =>
  z.object({
    text: z.string().nullish(),
    thought: z.boolean().nullish(),
    thoughtSignature: z.string().nullish(),
    functionCall: z
      .object({ id: z.string().nullish(), name: z.string(), args: z.record(z.string(), z.unknown()).nullish() })
      .nullish(),
  }),
)

/** Google's error body, before a stream and in its middle. */
export const wireError = z.lazy(() =>
  z.object({
    code: z.number().int().nullish(),
    message: z.string(),
    status: z.string().nullish(),
    details: z.array(z.looseObject({ '@type': z.string().nullish() })).nullish(),
  }),
)
export type GoogleError = z.infer<typeof wireError>

/** One event of the stream (`GenerateContentResponse` of npm @google/genai 3.1). */
const wireChunk = z.lazy(() =>
  z.object({
    candidates: z
      .array(
        z.object({
          content: z.object({ parts: z.array(wirePart).nullish() }).nullish(),
          finishReason: z.string().nullish(),
          finishMessage: z.string().nullish(),
        }),
      )
      .nullish(),
    promptFeedback: z.object({ blockReason: z.string().nullish(), blockReasonMessage: z.string().nullish() }).nullish(),
    usageMetadata: wireUsage.nullish(),
    error: wireError.nullish(),
  }),
)

/** An answer as it grows with the events of the stream. */
export interface GoogleAnswer {
  text: string
  finish_reason: string | null
  finish_message: string
  /** Why the prompt was refused before anything was written; empty where it was not. */
  blocked: string
  /** Null until the provider said what it counted. */
  usage: TokenUsage | null
  /** What was not understood; empty where everything was. */
  problem: string
  error: GoogleError | null
  readonly calls: ToolCall[]
}

export function emptyAnswer(): GoogleAnswer {
  return {
    text: '',
    finish_reason: null,
    finish_message: '',
    blocked: '',
    usage: null,
    problem: '',
    error: null,
    calls: [],
  }
}

/** Takes one event into the answer; returns what it adds, for showing. Tool calls come whole. */
export function takeChunk(answer: GoogleAnswer, raw: unknown, request: ModelRequest): ModelDelta[] {
  const parsed = wireChunk.safeParse(raw)
  if (!parsed.success) {
    answer.problem ||= z.prettifyError(parsed.error)
    return []
  }
  const { candidates, promptFeedback, usageMetadata, error } = parsed.data
  if (error != null) answer.error = error
  // Counts are those of the whole answer so far.
  if (usageMetadata != null) answer.usage = toUsage(usageMetadata)
  if (promptFeedback?.blockReason != null) {
    answer.blocked = promptFeedback.blockReasonMessage ?? promptFeedback.blockReason
  }
  const [candidate] = candidates ?? []
  if (candidate === undefined) return []
  answer.finish_reason = candidate.finishReason ?? answer.finish_reason
  answer.finish_message = candidate.finishMessage ?? answer.finish_message
  return (candidate.content?.parts ?? []).flatMap((part) => takePart(answer, part, request))
}

function takePart(answer: GoogleAnswer, part: z.infer<typeof wirePart>, request: ModelRequest): ModelDelta[] {
  const { functionCall, text, thought, thoughtSignature } = part
  if (functionCall != null) {
    answer.calls.push({
      // Older models give no ids; the place in the conversation keeps them unique in it.
      id: functionCall.id || `call_${request.messages.length}_${answer.calls.length}`,
      name: functionCall.name,
      arguments: functionCall.args ?? {},
      ...(thoughtSignature == null ? {} : { signature: thoughtSignature }),
    })
  }
  if (text == null || text === '') return []
  if (thought === true) return [{ kind: 'thinking', text }]
  answer.text += text
  return [{ kind: 'text', text }]
}

/** Cached tokens are a part of the prompt's; thoughts are priced as output and not a part of the candidates'. */
function toUsage(wire: z.infer<typeof wireUsage>): TokenUsage {
  const cache_read = wire.cachedContentTokenCount ?? 0
  return {
    input: Math.max(0, (wire.promptTokenCount ?? 0) - cache_read) + (wire.toolUsePromptTokenCount ?? 0),
    output: (wire.candidatesTokenCount ?? 0) + (wire.thoughtsTokenCount ?? 0),
    cache_write_5m: 0,
    cache_write_1h: 0,
    cache_read,
  }
}
