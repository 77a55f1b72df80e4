import { randomUUID } from 'node:crypto'
import type { Behaviour, DoubleConfig } from './behaviour.ts'
import { type Brain, type BrainCall, type BrainMessage, type BrainRequest, defaultBrain } from './brain.ts'
import { type Double, type Exchange, hang, patiently, runDouble, startDouble } from './double-server.ts'
import { OPENAI_MODELS, openAiBill } from './openai-billing.ts'
import { type Checked, checkBody, type OpenAiBody, type OpenAiFlavour } from './openai-check.ts'
import { callId, type OpenAiReply, openAiEvents, usageOf, type WireEvent } from './openai-events.ts'
import { checkResponses, responsesEvents } from './openai-responses.ts'
import { PrefixCache } from './prefix-cache.ts'
import { NO_TOKENS, type RecordedTokens } from './record.ts'
import { composeAnswer } from './scripted-answer.ts'

const CONTEXT_TOKENS = 272_000
const LOCAL_CONTEXT_TOKENS = 16_384
const UNBOUNDED = 128_000

export interface OpenAiDoubleOptions extends DoubleConfig {
  readonly brain?: Brain
}

interface Server {
  readonly flavour: OpenAiFlavour
  readonly models: readonly string[]
  readonly brain: Brain
  readonly cache: PrefixCache
  /** Encrypted thoughts that were given out. */
  readonly issued: Set<string>
}

/**
 * A server that speaks OpenAI's chat completions and Responses at `/v1` and keeps the bill; as `local` it stands in for LM Studio,
 * llama.cpp and vLLM (no key, nothing billed), as `openrouter` for OpenRouter, which tells what it charged.
 */
export function startOpenAiDouble(options: OpenAiDoubleOptions = {}): Promise<Double> {
  const { brain = defaultBrain, flavour = 'openai', ...config } = options
  const models = config.models ?? (flavour === 'local' ? ['qwen3-8b'] : OPENAI_MODELS)
  const server: Server = { flavour, models, brain, cache: new PrefixCache(), issued: new Set() }
  return startDouble(config, async (exchange) => {
    const key = exchange.headers['authorization']?.replace(/^Bearer /, '') ?? ''
    const isKnown = config.keys === undefined ? key !== '' : config.keys.includes(key)
    if (!isKnown && (flavour !== 'local' || config.keys !== undefined)) return refuse(exchange, REFUSALS.wrong_key)
    if (exchange.path === '/v1/models') {
      const data = models.map((id) => ({ id, object: 'model', created: 1_780_000_000, owned_by: 'double' }))
      return exchange.json(200, { object: 'list', data })
    }
    if (exchange.path === '/v1/responses' && flavour === 'openai') {
      const checked = checkResponses(exchange.body, server.issued)
      return complete(exchange, server, checked, (reply, how) => responsesEvents(reply, how, server.issued))
    }
    if (exchange.path !== '/v1/chat/completions') return refuse(exchange, [404, null, null, 'Unknown request URL'])
    return complete(exchange, server, checkBody(exchange.body, flavour), openAiEvents)
  })
}

/** Either of the two ways to ask; `toEvents` tells the answer in the words of the one that was taken. */
async function complete(
  exchange: Exchange,
  server: Server,
  checked: Checked,
  toEvents: (reply: OpenAiReply, how: Behaviour) => WireEvent[],
): Promise<void> {
  const { flavour, models, brain, cache } = server
  const how = exchange.next()
  if (!checked.ok) {
    const { message, param, code } = checked.wrong
    return refuse(exchange, [400, 'invalid_request_error', code, message], {}, param)
  }
  const { body } = checked
  if (!models.includes(body.model)) return refuse(exchange, noModel(body.model))
  if (how.kind === 'no_model') return refuse(exchange, noModel('gone'))
  if (how.kind === 'rate_limit') return limitRate(exchange, how)
  const refusal = REFUSALS[how.kind]
  if (refusal !== undefined) return refuse(exchange, refusal)

  const tokens = promptTokens(body, flavour, cache)
  const prompt = tokens.input + tokens.cache_read + tokens.cache_write_5m
  const window = flavour === 'local' ? LOCAL_CONTEXT_TOKENS : CONTEXT_TOKENS
  if (how.kind === 'context_too_long' || prompt > window) return refuse(exchange, tooLong(flavour, prompt, window))

  const charge = (count: RecordedTokens) => {
    exchange.call.tokens = count
    exchange.call.billed_micros = flavour === 'local' ? 0 : openAiBill(body.model, count)
  }
  if (how.kind === 'hang') {
    // The provider did read the prompt, so it bills it, although nobody will know.
    charge(tokens)
    return hang(exchange.gone)
  }
  const limit = body.max_completion_tokens ?? body.max_tokens ?? UNBOUNDED
  const answer = composeAnswer(how, brain, () => toBrainRequest(body), limit)
  const isRefusal = how.kind === 'refusal'
  const said = isRefusal ? { ...answer, text: '', calls: [] } : answer
  const counted = { ...tokens, output: answer.output_tokens }
  charge(counted)
  const reply: OpenAiReply = {
    id: `chatcmpl-${randomUUID()}`,
    model: body.model,
    tokens,
    answer: said,
    finish_reason: answer.isCut ? 'length' : said.calls.length > 0 ? 'tool_calls' : 'stop',
    refusal: isRefusal ? 'The scripted model declines.' : '',
    includeUsage: body.stream_options?.include_usage === true,
    cost_usd: flavour === 'openrouter' ? openAiBill(body.model, counted) / 1_000_000 : null,
  }
  if (body.stream !== true) {
    await patiently(how.start_delay_ms ?? 0, exchange.gone)
    return exchange.json(200, wholeAnswer(reply))
  }
  const events = toEvents(reply, how)
  const sent = await exchange.stream(
    events.map((event) => event.wire),
    'text/event-stream; charset=utf-8',
    how,
  )
  if (sent < events.length) charge({ ...tokens, output: events[sent - 1]?.output_tokens ?? 0 })
}

/** The answer to a call without `stream`. */
function wholeAnswer(reply: OpenAiReply) {
  const calls = reply.answer.calls.map((call) => ({
    id: callId(),
    type: 'function',
    function: { name: call.name, arguments: call.json },
  }))
  return {
    id: reply.id,
    object: 'chat.completion',
    created: 1_795_000_000,
    model: reply.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: reply.answer.text,
          refusal: reply.refusal === '' ? null : reply.refusal,
          annotations: [],
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: reply.finish_reason,
      },
    ],
    usage: usageOf(reply),
    service_tier: 'default',
  }
}

function promptTokens(body: OpenAiBody, flavour: OpenAiFlavour, cache: PrefixCache): RecordedTokens {
  const parts = [
    JSON.stringify([body.tools ?? [], body.response_format ?? null]),
    ...body.messages.map((message) => JSON.stringify(message)),
  ]
  const { total, read, written } = cache.take(body.model, parts)
  if (flavour === 'local') return { ...NO_TOKENS, input: total }
  return { ...NO_TOKENS, input: total - read - written, cache_read: read, cache_write_5m: written }
}

function toBrainRequest(body: OpenAiBody): BrainRequest {
  const calls = new Map<string, BrainCall>()
  const messages = body.messages.flatMap((turn) => toBrainMessage(turn, calls))
  return {
    system: body.messages.flatMap((turn) => (turn.role === 'system' ? [turn.content] : [])).join('\n'),
    messages,
    tools: (body.tools ?? []).map((tool) => ({ name: tool.function.name, parameters: tool.function.parameters })),
    output_schema: body.response_format?.json_schema.schema ?? null,
  }
}

/** Remembers in `calls` which call each result will answer. */
function toBrainMessage(turn: OpenAiBody['messages'][number], calls: Map<string, BrainCall>): BrainMessage[] {
  if (turn.role === 'user') {
    return [{ role: 'user', text: turn.content, tool_calls: [], answers: null, is_error: false }]
  }
  if (turn.role === 'tool') {
    const answers = calls.get(turn.tool_call_id) ?? null
    const is_error = /^Error:/.test(turn.content)
    return [{ role: 'tool', text: turn.content, tool_calls: [], answers, is_error }]
  }
  if (turn.role !== 'assistant') return []
  const made = (turn.tool_calls ?? []).map((call) => {
    const known = {
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments) as Record<string, unknown>,
    }
    calls.set(call.id, known)
    return known
  })
  return [{ role: 'assistant', text: turn.content ?? '', tool_calls: made, answers: null, is_error: false }]
}

type Refusal = readonly [status: number, type: string | null, code: string | number | null, message: string]

const REFUSALS: { readonly [kind in Behaviour['kind']]?: Refusal } & { readonly wrong_key: Refusal } = {
  wrong_key: [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-****.'],
  no_credit: [
    429,
    'insufficient_quota',
    'credit_balance_exhausted',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  spend_limit: [
    429,
    'insufficient_quota',
    'project_spend_limit_exceeded',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  billing_problem: [402, null, 402, 'Insufficient credits. Add more to your account and retry the request.'],
  overloaded: [503, 'server_error', null, 'The engine is currently overloaded, please try again later.'],
  server_error: [500, 'server_error', null, 'The server had an error while processing your request.'],
}

function noModel(model: string): Refusal {
  return [
    404,
    'invalid_request_error',
    'model_not_found',
    `The model '${model}' does not exist or you do not have access to it.`,
  ]
}

function tooLong(flavour: OpenAiFlavour, prompt: number, window: number): Refusal {
  const shown = Math.max(prompt, window + 1)
  return flavour === 'local'
    ? [
        400,
        'exceed_context_size_error',
        400,
        `the request exceeds the available context size (${shown} tokens), try increasing it`,
      ]
    : [
        400,
        'invalid_request_error',
        'context_length_exceeded',
        `This model's maximum context length is ${window} tokens. However, your messages resulted in ${shown} tokens.`,
      ]
}

/** With `retry_after_s` the header is sent; without it only the time at which the used-up limit resets. */
function limitRate(exchange: Exchange, how: Behaviour): void {
  const headers = {
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '1m6.5s',
    'x-ratelimit-limit-tokens': '30000',
    'x-ratelimit-remaining-tokens': '29000',
    'x-ratelimit-reset-tokens': '2h',
  }
  const wait = how.retry_after_s === undefined ? {} : { 'retry-after': String(how.retry_after_s) }
  const refusal: Refusal = [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests per min (RPM).']
  refuse(exchange, refusal, { ...headers, ...wait })
}

function refuse(
  exchange: Exchange,
  [status, type, code, message]: Refusal,
  headers: Record<string, string> = {},
  param: string | null = null,
): void {
  exchange.json(
    status,
    { error: { message, type, param, code } },
    { 'x-request-id': `req_${randomUUID().replaceAll('-', '')}`, ...headers },
  )
}

if (import.meta.main) await runDouble(startOpenAiDouble)
