import type { Behaviour } from './behaviour.ts'
import { countTokens, streamPieces } from './pieces.ts'
import type { RecordedTokens } from './record.ts'

/** An answer of the scripted model. `json` of a call is its input as text, which may be cut. */
export interface DoubleAnswer {
  readonly text: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly json: string }[]
  readonly stop_reason: string
  readonly output_tokens: number
}

interface Reply {
  readonly id: string
  readonly model: string
  readonly tokens: RecordedTokens
  readonly answer: DoubleAnswer
}

/** One event of the stream, and the output tokens that are billed once it was sent. */
interface WireEvent {
  readonly wire: string
  readonly output_tokens: number
}

function usageOf(tokens: RecordedTokens, output_tokens: number) {
  return {
    input_tokens: tokens.input,
    output_tokens,
    cache_creation_input_tokens: tokens.cache_write_5m + tokens.cache_write_1h,
    cache_read_input_tokens: tokens.cache_read,
    cache_creation: {
      ephemeral_5m_input_tokens: tokens.cache_write_5m,
      ephemeral_1h_input_tokens: tokens.cache_write_1h,
    },
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  }
}

function envelope(reply: Reply, output_tokens: number) {
  return {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content: [] as unknown[],
    container: null,
    diagnostics: null,
    stop_reason: null as string | null,
    stop_sequence: null,
    stop_details: null as unknown,
    usage: usageOf(reply.tokens, output_tokens),
  }
}

function stopDetails(answer: DoubleAnswer): unknown {
  return answer.stop_reason === 'refusal'
    ? { type: 'refusal', category: 'other', explanation: 'The scripted model declines.' }
    : null
}

/** The answer to a call without `stream`. */
export function finalMessage(reply: Reply): unknown {
  const { answer } = reply
  return {
    ...envelope(reply, answer.output_tokens),
    content: [
      ...(answer.text === '' ? [] : [{ type: 'text', text: answer.text, citations: null }]),
      ...answer.calls.map((call) => ({
        type: 'tool_use',
        id: call.id,
        name: call.name,
        input: JSON.parse(call.json) as unknown,
        caller: { type: 'direct' },
      })),
    ],
    stop_reason: answer.stop_reason,
    stop_details: stopDetails(answer),
  }
}

/** The stream of an answer, in the order of WIRE §1, with the trouble that `how` asks for in its middle. */
export function answerEvents(reply: Reply, how: Behaviour): WireEvent[] {
  const { answer } = reply
  const events: WireEvent[] = []
  let chars = 0
  const add = (name: string, data: object) =>
    events.push({
      wire: `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`,
      output_tokens: Math.min(countTokens(chars), answer.output_tokens),
    })

  add('message_start', { message: envelope(reply, 1) })
  add('ping', {})
  let index = 0
  const block = (content_block: object, deltas: { readonly size: number; readonly delta: object }[]) => {
    add('content_block_start', { index, content_block })
    for (const { size, delta } of deltas) {
      chars += size
      add('content_block_delta', { index, delta })
    }
    add('content_block_stop', { index })
    index += 1
  }
  if (answer.text !== '') {
    block(
      { type: 'text', text: '' },
      streamPieces(answer.text).map((text) => ({ size: text.length, delta: { type: 'text_delta', text } })),
    )
  }
  for (const call of answer.calls) {
    block(
      { type: 'tool_use', id: call.id, name: call.name, input: {} },
      streamPieces(call.json).map((partial_json) => ({
        size: partial_json.length,
        delta: { type: 'input_json_delta', partial_json },
      })),
    )
  }
  if (how.kind === 'stream_error' || how.kind === 'malformed') {
    const half = events.slice(0, Math.max(1, Math.ceil(events.length / 2)))
    const wire =
      how.kind === 'malformed'
        ? 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_\n\n'
        : `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })}\n\n`
    return [...half, { wire, output_tokens: half.at(-1)?.output_tokens ?? 0 }]
  }
  add('message_delta', {
    delta: { stop_reason: answer.stop_reason, stop_sequence: null, stop_details: stopDetails(answer) },
    usage: usageOf(reply.tokens, answer.output_tokens),
  })
  add('message_stop', {})
  // Whoever read the last two knows the whole count, so it is billed with them.
  return events.map((event, at) =>
    at >= events.length - 2 ? { ...event, output_tokens: answer.output_tokens } : event,
  )
}
