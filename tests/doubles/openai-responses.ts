import { randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Behaviour } from './behaviour.ts'
import { type Checked, checkTurns, effort, functionName, type OpenAiBody, strictFault } from './openai-check.ts'
import { callId, type OpenAiReply, type WireEvent } from './openai-events.ts'
import { countTokens, streamPieces } from './pieces.ts'

const item = z.union([
  z.strictObject({ role: z.enum(['user', 'assistant', 'system', 'developer']), content: z.string() }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
  }),
  z.strictObject({ type: z.literal('function_call_output'), call_id: z.string(), output: z.string() }),
  z.strictObject({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.unknown()),
    encrypted_content: z.string(),
  }),
])

/** The part of the body of `POST /v1/responses` that the double understands (npm openai 7.55). The rest is refused. */
const responsesBody = z.strictObject({
  model: z.string(),
  instructions: z.string().optional(),
  input: z.array(item).min(1),
  stream: z.literal(true),
  store: z.literal(false),
  include: z.array(z.literal('reasoning.encrypted_content')),
  max_output_tokens: z.number().int().min(16),
  reasoning: z.strictObject({ effort: effort.optional() }).optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        name: functionName,
        description: z.string().optional(),
        parameters: z.looseObject({ type: z.literal('object') }),
        strict: z.boolean(),
      }),
    )
    .min(1)
    .optional(),
  text: z
    .strictObject({
      format: z.strictObject({
        type: z.literal('json_schema'),
        name: functionName,
        strict: z.boolean().optional(),
        schema: z.record(z.string(), z.unknown()),
      }),
    })
    .optional(),
})
type ResponsesBody = z.infer<typeof responsesBody>

/** Checks what the real API checks, and gives the same as a body of chat completions. `issued`: thoughts that were given out. */
export function checkResponses(raw: unknown, issued: ReadonlySet<string>): Checked {
  const parsed = responsesBody.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return no(issue?.message ?? 'invalid', issue?.path.join('.') ?? null, 'invalid_value')
  }
  const foreign = parsed.data.input.find(
    (one) => 'type' in one && one.type === 'reasoning' && !issued.has(one.encrypted_content),
  )
  if (foreign !== undefined)
    return no('The encrypted content could not be verified.', 'input', 'invalid_encrypted_content')
  const format = parsed.data.text?.format
  const why = format?.strict === true ? strictFault(format.schema) : null
  if (why !== null) return no(`Invalid schema for response_format 'answer': ${why}`, 'text.format', null)
  const body = toChatBody(parsed.data)
  const wrong = checkTurns(body)
  return wrong === null ? { ok: true, body } : { ok: false, wrong }
}

function no(message: string, param: string | null, code: string | null): Checked {
  return { ok: false, wrong: { message, param, code } }
}

function toChatBody({ model, instructions, input, max_output_tokens, tools, text }: ResponsesBody): OpenAiBody {
  const messages: OpenAiBody['messages'] = instructions === undefined ? [] : [{ role: 'system', content: instructions }]
  for (const one of input) {
    if ('role' in one)
      messages.push(
        one.role === 'developer' ? { role: 'system', content: one.content } : { role: one.role, content: one.content },
      )
    else if (one.type === 'function_call_output') {
      messages.push({ role: 'tool', tool_call_id: one.call_id, content: one.output })
    } else if (one.type === 'function_call') addCall(messages, one)
  }
  return {
    model,
    messages,
    stream: true,
    max_completion_tokens: max_output_tokens,
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, description, parameters, strict }) => ({
            type: 'function' as const,
            function: { name, parameters, strict, ...(description === undefined ? {} : { description }) },
          })),
        }),
    ...(text === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: 'answer', schema: text.format.schema },
          },
        }),
  }
}

/** Calls of one turn are items of their own here and one message there. */
function addCall(messages: OpenAiBody['messages'], call: { call_id: string; name: string; arguments: string }): void {
  const made = { id: call.call_id, type: 'function' as const, function: { name: call.name, arguments: call.arguments } }
  const last = messages.at(-1)
  if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), made]
  else messages.push({ role: 'assistant', content: null, tool_calls: [made] })
}

/** The stream of an answer, with the trouble that `how` asks for in its middle. Each answer with calls gives thoughts out. */
export function responsesEvents(reply: OpenAiReply, how: Behaviour, issued: Set<string>): WireEvent[] {
  const { answer, tokens } = reply
  const events: WireEvent[] = []
  const output: object[] = []
  let chars = 0
  const send = (type: string, data: object): void => {
    const wire = `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: events.length, ...data })}\n\n`
    events.push({ wire, output_tokens: Math.min(countTokens(chars), answer.output_tokens) })
  }
  const response = (status: string, more: object = {}) => ({
    response: { id: reply.id, object: 'response', status, model: reply.model, output, error: null, ...more },
  })
  const place = (): object => ({ output_index: output.length, item_id: `item_${output.length}`, content_index: 0 })
  const done = (item: object): void => {
    send('response.output_item.done', { output_index: output.length, item })
    output.push(item)
  }

  send('response.created', response('in_progress'))
  send('response.in_progress', response('in_progress'))
  if (answer.calls.length > 0) {
    const encrypted_content = randomBytes(24).toString('base64')
    issued.add(encrypted_content)
    done({ type: 'reasoning', id: `rs_${randomUUID()}`, summary: [], encrypted_content, status: 'completed' })
  }
  if (answer.text !== '' || reply.refusal !== '') {
    for (const text of streamPieces(answer.text)) {
      chars += text.length
      send('response.output_text.delta', { ...place(), delta: text, logprobs: [] })
    }
    if (reply.refusal !== '') send('response.refusal.delta', { ...place(), delta: reply.refusal })
    const content = [{ type: 'output_text', text: answer.text, annotations: [] }]
    done({ type: 'message', id: `msg_${randomUUID()}`, role: 'assistant', status: 'completed', content })
  }
  for (const call of answer.calls) {
    for (const piece of streamPieces(call.json)) {
      chars += piece.length
      send('response.function_call_arguments.delta', { ...place(), delta: piece })
    }
    const named = { call_id: callId(), name: call.name, arguments: call.json }
    done({
      type: 'function_call',
      id: `fc_${randomUUID()}`,
      status: answer.isCut ? 'incomplete' : 'completed',
      ...named,
    })
  }
  const input_tokens = tokens.input + tokens.cache_read + tokens.cache_write_5m
  const usage = {
    input_tokens,
    input_tokens_details: { cached_tokens: tokens.cache_read, cache_write_tokens: tokens.cache_write_5m },
    output_tokens: answer.output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + answer.output_tokens,
  }
  if (how.kind === 'stream_error' || how.kind === 'malformed') {
    const half = events.slice(0, Math.max(1, Math.ceil(events.length / 2)))
    const error = { type: 'error', code: 'server_error', message: 'The server had an error.', param: null }
    const wire =
      how.kind === 'malformed'
        ? 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","del\n\n'
        : `event: error\ndata: ${JSON.stringify(error)}\n\n`
    return [...half, { wire, output_tokens: half.at(-1)?.output_tokens ?? 0 }]
  }
  if (answer.isCut) {
    send('response.incomplete', response('incomplete', { usage, incomplete_details: { reason: 'max_output_tokens' } }))
  } else send('response.completed', response('completed', { usage, incomplete_details: null }))
  // Whoever read the last one knows the whole count, so it is billed with it.
  return events.map((event, at) =>
    at === events.length - 1 ? { ...event, output_tokens: answer.output_tokens } : event,
  )
}
