import { z } from 'zod'
import { parseJson } from './json-text.ts'
import type { TokenUsage, ToolCall } from './provider.ts'

const count = z.number().int().nonnegative().nullish()

const wireUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish(),
})
type WireUsage = z.infer<typeof wireUsage>

const index = z.number().int().nonnegative()

/** The events of the stream that carry anything we use (WIRE §1, "SSE order"). Others are passed over. */
const wireEvent = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('message_start'), message: z.object({ usage: wireUsage }) }),
    z.object({
      type: z.literal('content_block_start'),
      index,
      content_block: z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text: z.string() }),
        z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown() }),
        z.object({ type: z.literal('thinking') }),
        z.object({ type: z.literal('redacted_thinking') }),
      ]),
    }),
    z.object({
      type: z.literal('content_block_delta'),
      index,
      delta: z.discriminatedUnion('type', [
        z.object({ type: z.literal('text_delta'), text: z.string() }),
        z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
        z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
        z.object({ type: z.literal('signature_delta') }),
        z.object({ type: z.literal('citations_delta') }),
      ]),
    }),
    z.object({ type: z.literal('content_block_stop'), index }),
    z.object({
      type: z.literal('message_delta'),
      delta: z.object({
        stop_reason: z.string().nullish(),
        stop_details: z.object({ explanation: z.string().nullish() }).nullish(),
      }),
      usage: wireUsage.nullish(),
    }),
    z.object({ type: z.literal('message_stop') }),
  ]),
)

const isKnown = (type: string): boolean => wireEvent.unwrap().options.some(({ shape }) => shape.type.value === type)

const wireType = z.object({ type: z.string() })

interface OpenCall {
  readonly id: string
  readonly name: string
  readonly initial: unknown
  json: string
}

/** An answer as it grows with the events of the stream. */
export interface AnthropicAnswer {
  text: string
  stop_reason: string | null
  /** Why the model declined, where it told. */
  explanation: string
  finished: boolean
  /** Null until the provider said what it counted. */
  usage: WireUsage | null
  /** What was not understood; empty where everything was. */
  problem: string
  readonly calls: Map<number, OpenCall>
}

export function emptyAnswer(): AnthropicAnswer {
  return { text: '', stop_reason: null, explanation: '', finished: false, usage: null, problem: '', calls: new Map() }
}

const wireMessage = z.lazy(() =>
  z.object({
    content: z.array(z.unknown()),
    stop_reason: z.unknown(),
    stop_details: z.unknown(),
    usage: z.unknown(),
  }),
)

/** A message that came in one piece, as results of batches do. */
export function wholeAnswer(raw: unknown): AnthropicAnswer {
  const answer = emptyAnswer()
  const parsed = wireMessage.safeParse(raw)
  if (!parsed.success) return { ...answer, problem: z.prettifyError(parsed.error) }
  const { content, usage, stop_reason, stop_details } = parsed.data
  takeEvent(answer, { type: 'message_start', message: { usage } })
  for (const [at, content_block] of content.entries())
    takeEvent(answer, { type: 'content_block_start', index: at, content_block })
  takeEvent(answer, { type: 'message_delta', delta: { stop_reason, stop_details }, usage })
  takeEvent(answer, { type: 'message_stop' })
  return answer
}

/** Takes one event into the answer; returns the text it adds, for showing. */
export function takeEvent(answer: AnthropicAnswer, raw: unknown): { kind: 'text' | 'thinking'; text: string } | null {
  const type = wireType.safeParse(raw)
  if (type.success && !isKnown(type.data.type)) return null
  const parsed = wireEvent.safeParse(raw)
  if (!parsed.success) {
    answer.problem ||= z.prettifyError(parsed.error)
    return null
  }
  const event = parsed.data
  switch (event.type) {
    case 'message_start':
      answer.usage = event.message.usage
      return null
    case 'content_block_start':
      if (event.content_block.type === 'tool_use') {
        const { id, name, input } = event.content_block
        answer.calls.set(event.index, { id, name, initial: input, json: '' })
      }
      if (event.content_block.type === 'text') answer.text += event.content_block.text
      return null
    case 'content_block_delta': {
      const delta = event.delta
      if (delta.type === 'thinking_delta') return { kind: 'thinking', text: delta.thinking }
      if (delta.type === 'text_delta') {
        answer.text += delta.text
        return { kind: 'text', text: delta.text }
      }
      const call = answer.calls.get(event.index)
      if (delta.type === 'input_json_delta' && call !== undefined) call.json += delta.partial_json
      return null
    }
    case 'content_block_stop':
      return null
    case 'message_delta':
      answer.stop_reason = event.delta.stop_reason ?? answer.stop_reason
      answer.explanation = event.delta.stop_details?.explanation ?? ''
      answer.usage = overwrite(answer.usage, event.usage ?? {})
      return null
    case 'message_stop':
      answer.finished = true
      return null
  }
}

/** `message_delta.usage` is cumulative: what it names replaces what was there, what it leaves out stays. */
function overwrite(before: WireUsage | null, after: Partial<WireUsage>): WireUsage {
  return {
    input_tokens: after.input_tokens ?? before?.input_tokens,
    output_tokens: after.output_tokens ?? before?.output_tokens,
    cache_creation_input_tokens: after.cache_creation_input_tokens ?? before?.cache_creation_input_tokens,
    cache_read_input_tokens: after.cache_read_input_tokens ?? before?.cache_read_input_tokens,
    cache_creation: after.cache_creation ?? before?.cache_creation,
  }
}

/** Tokens by price. Cache writes that are not told apart count as the 5 minute kind (WIRE §2). */
export function toUsage(wire: WireUsage): TokenUsage {
  const hour = wire.cache_creation?.ephemeral_1h_input_tokens ?? 0
  const fiveMinutes = wire.cache_creation?.ephemeral_5m_input_tokens ?? 0
  return {
    input: wire.input_tokens ?? 0,
    output: wire.output_tokens ?? 0,
    cache_write_5m: Math.max(fiveMinutes, (wire.cache_creation_input_tokens ?? 0) - hour),
    cache_write_1h: hour,
    cache_read: wire.cache_read_input_tokens ?? 0,
  }
}

/**
 * The finished tool calls. In an answer that was cut at its length a call whose JSON does not parse was cut too and is left
 * out, because a half-written file must never be taken for a whole one; otherwise the text is passed on as it is, so that
 * the tool's own check tells the model what is wrong (T1).
 */
export function toolCalls(answer: AnthropicAnswer): ToolCall[] {
  const wasCut = answer.stop_reason === 'max_tokens'
  return [...answer.calls.values()].flatMap(({ id, name, initial, json }) => {
    // A call without parameters sends no JSON at all; in an answer that was cut, neither does one cut at its start.
    const parsed = json === '' && !wasCut ? { ok: true as const, value: initial ?? {} } : parseJson(json)
    if (!parsed.ok && wasCut) return []
    return { id, name, arguments: parsed.ok ? parsed.value : json }
  })
}
