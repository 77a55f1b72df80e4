import { randomBytes } from 'node:crypto'
import type { Behaviour } from './behaviour.ts'
import { countTokens, streamPieces } from './pieces.ts'
import type { RecordedTokens } from './record.ts'
import type { ScriptedAnswer } from './scripted-answer.ts'

export interface OpenAiReply {
  readonly id: string
  readonly model: string
  readonly tokens: RecordedTokens
  readonly answer: ScriptedAnswer
  readonly finish_reason: string
  /** Words with which the model declined. */
  readonly refusal: string
  readonly includeUsage: boolean
  /** What OpenRouter says it charged, in USD; null elsewhere. */
  readonly cost_usd: number | null
}

/** One event of the stream, and the output tokens that are billed once it was sent. */
export interface WireEvent {
  readonly wire: string
  readonly output_tokens: number
}

export function usageOf({ tokens, answer, cost_usd }: OpenAiReply) {
  const prompt_tokens = tokens.input + tokens.cache_read + tokens.cache_write_5m
  return {
    prompt_tokens,
    completion_tokens: answer.output_tokens,
    total_tokens: prompt_tokens + answer.output_tokens,
    prompt_tokens_details: {
      cached_tokens: tokens.cache_read,
      cache_write_tokens: tokens.cache_write_5m,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    ...(cost_usd === null ? {} : { cost: cost_usd, cost_details: { upstream_inference_cost: null } }),
  }
}

export function callId(): string {
  return `call_${randomBytes(12).toString('base64url')}`
}

/** The stream of an answer, with the trouble that `how` asks for in its middle. */
export function openAiEvents(reply: OpenAiReply, how: Behaviour): WireEvent[] {
  const { answer } = reply
  const events: WireEvent[] = []
  let chars = 0
  const send = (data: object | string) =>
    events.push({
      wire: `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
      output_tokens: Math.min(countTokens(chars), answer.output_tokens),
    })
  const head = {
    id: reply.id,
    object: 'chat.completion.chunk',
    created: 1_795_000_000,
    model: reply.model,
    service_tier: 'default',
    system_fingerprint: null,
  }
  const chunk = (delta: object, finish_reason: string | null = null) =>
    send({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(reply.includeUsage ? { usage: null } : {}),
      obfuscation: 'x1',
    })

  chunk({ role: 'assistant', content: '', refusal: null })
  for (const content of streamPieces(answer.text)) {
    chars += content.length
    chunk({ content })
  }
  if (reply.refusal !== '') chunk({ refusal: reply.refusal })
  for (const [index, call] of answer.calls.entries()) {
    chunk({ tool_calls: [{ index, id: callId(), type: 'function', function: { name: call.name, arguments: '' } }] })
    for (const piece of streamPieces(call.json)) {
      chars += piece.length
      chunk({ tool_calls: [{ index, function: { arguments: piece } }] })
    }
  }
  if (how.kind === 'stream_error' || how.kind === 'malformed') {
    const half = events.slice(0, Math.max(1, Math.ceil(events.length / 2)))
    const error = {
      message: 'The server had an error while processing your request. Sorry about that!',
      type: 'server_error',
      param: null,
      code: null,
    }
    const wire =
      how.kind === 'malformed'
        ? 'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"cont\n\n'
        : `data: ${JSON.stringify({ error })}\n\n`
    return [...half, { wire, output_tokens: half.at(-1)?.output_tokens ?? 0 }]
  }
  chunk({}, reply.finish_reason)
  if (reply.includeUsage) send({ ...head, choices: [], usage: usageOf(reply) })
  send('[DONE]')
  // Whoever read the last ones knows the whole count, so it is billed with them.
  return events.map((event, at) =>
    at >= events.length - 2 ? { ...event, output_tokens: answer.output_tokens } : event,
  )
}
