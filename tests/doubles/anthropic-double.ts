import { randomUUID } from 'node:crypto'
import { type BatchDesk, createBatchDesk, serveBatches } from './anthropic-batches.ts'
import { BILLED_MODELS, bill, PromptCache } from './anthropic-billing.ts'
import { type AnthropicBody, API_VERSION, blocksOf, checkBody } from './anthropic-check.ts'
import { answerEvents, type DoubleAnswer, finalMessage } from './anthropic-events.ts'
import type { Behaviour, DoubleConfig } from './behaviour.ts'
import { type Brain, type BrainCall, type BrainMessage, type BrainRequest, defaultBrain } from './brain.ts'
import { type Double, type Exchange, hang, patiently, runDouble, startDouble } from './double-server.ts'
import { countTokens, longText } from './pieces.ts'
import type { RecordedTokens } from './record.ts'

const CONTEXT_TOKENS = 200_000

export interface AnthropicDoubleOptions extends DoubleConfig {
  readonly brain?: Brain
  /** What becomes of a call that says this (its body as JSON); null: as scripted. */
  readonly how?: (said: string) => Behaviour | null
  /** How batches go there. */
  readonly desk?: BatchDesk
}

/** A server that speaks Anthropic's Messages API as WIRE §1 describes it, refuses what it refuses and keeps the bill. */
export async function startAnthropicDouble(options: AnthropicDoubleOptions = {}): Promise<Double> {
  const { brain = defaultBrain, desk = createBatchDesk(), how = () => null, ...config } = options
  const models = config.models ?? BILLED_MODELS
  const cache = new PromptCache()

  const batches = serveBatches(desk, {
    answer(params, version) {
      const checked = checkBody(params, version)
      if (!checked.ok) return { type: 'invalid_request_error', message: checked.why }
      const { body } = checked
      if (body.stream === true) return { type: 'invalid_request_error', message: 'stream is not supported in batches' }
      if (!models.includes(body.model)) return { type: 'not_found_error', message: `model: ${body.model}` }
      const answer = compose(body, { kind: 'answer' }, brain)
      const tokens = { ...cache.take(body), output: answer.output_tokens }
      const message = finalMessage({ id: `msg_${randomUUID()}`, model: body.model, tokens, answer })
      return { message, model: body.model, tokens, billed_micros: bill(body.model, tokens) }
    },
    refuse: (exchange, status, type, why) => refuse(exchange, [status, type, why]),
    record: () => double.record.calls,
  })
  const double: Double = await startDouble(config, async (exchange) => {
    const key = exchange.headers['x-api-key'] ?? exchange.headers['authorization']?.replace(/^Bearer /, '') ?? ''
    if (key === '' || (config.keys !== undefined && !config.keys.includes(key)))
      return refuse(exchange, REFUSALS.wrong_key)
    if (exchange.path.startsWith('/v1/models')) return listModels(exchange, models)
    if (exchange.path === '/v1/messages/count_tokens') return countOnly(exchange)
    if (exchange.path.startsWith('/v1/messages/batches')) {
      const isNew = exchange.path === '/v1/messages/batches' && exchange.call.method === 'POST'
      const refused = isNew ? refusalOf(exchange.next()) : null
      return refused === null ? batches(exchange) : refuse(exchange, ...refused)
    }
    if (exchange.path !== '/v1/messages') return refuse(exchange, [404, 'not_found_error', 'Not Found'])
    return message(exchange, models, brain, cache, how)
  })
  return double
}

/** What a behaviour refuses before anything is looked at; null where it does not. */
function refusalOf(how: Behaviour): readonly [Refusal, number?] | null {
  if (how.kind === 'rate_limit')
    return [[429, 'rate_limit_error', 'This request would exceed your rate limit.'], how.retry_after_s ?? 1]
  const refusal = REFUSALS[how.kind]
  return refusal === undefined ? null : [refusal]
}

async function message(
  exchange: Exchange,
  models: readonly string[],
  brain: Brain,
  cache: PromptCache,
  howOf: (said: string) => Behaviour | null,
): Promise<void> {
  const how = howOf(JSON.stringify(exchange.body)) ?? exchange.next()
  const checked = checkBody(exchange.body, exchange.headers['anthropic-version'])
  if (!checked.ok) return refuse(exchange, [400, 'invalid_request_error', checked.why])
  const { body } = checked
  if (!models.includes(body.model)) return refuse(exchange, [404, 'not_found_error', `model: ${body.model}`])
  const refused = refusalOf(how)
  if (refused !== null) return refuse(exchange, ...refused)

  const tokens = cache.take(body)
  const prompt = tokens.input + tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h
  if (how.kind === 'context_too_long' || prompt > CONTEXT_TOKENS) {
    const shown = Math.max(prompt, CONTEXT_TOKENS + 1)
    return refuse(exchange, [
      400,
      'invalid_request_error',
      `prompt is too long: ${shown} tokens > ${CONTEXT_TOKENS} maximum`,
    ])
  }
  if (how.kind === 'hang') {
    // The provider did read the prompt, so it bills it, although nobody will know.
    charge(exchange, body.model, tokens)
    return hang(exchange.gone)
  }
  const answer = compose(body, how, brain)
  const reply = { id: `msg_${randomUUID().replaceAll('-', '')}`, model: body.model, tokens, answer }
  if (body.stream !== true) {
    await patiently(how.start_delay_ms ?? 0, exchange.gone)
    charge(exchange, body.model, { ...tokens, output: answer.output_tokens })
    return exchange.json(200, finalMessage(reply), { 'request-id': requestId() })
  }
  const events = answerEvents(reply, how)
  // Booked before the first byte leaves: from here on the provider bills, whatever becomes of the connection.
  charge(exchange, body.model, { ...tokens, output: answer.output_tokens })
  const sent = await exchange.stream(
    events.map((event) => event.wire),
    'text/event-stream; charset=utf-8',
    how,
  )
  if (sent < events.length) {
    charge(exchange, body.model, { ...tokens, output: events[sent - 1]?.output_tokens ?? 0 })
  }
}

function charge(exchange: Exchange, model: string, tokens: RecordedTokens): void {
  exchange.call.tokens = tokens
  exchange.call.billed_micros = bill(model, tokens)
}

/** What the model says, cut at `max_tokens` as the real one is. */
function compose(body: AnthropicBody, how: Behaviour, brain: Brain): DoubleAnswer {
  const scripted = how.text !== undefined || how.tool_calls !== undefined || how.output_bytes !== undefined
  const said = scripted
    ? {
        text: how.text ?? (how.output_bytes === undefined ? '' : longText(how.output_bytes)),
        tool_calls: how.tool_calls ?? [],
      }
    : brain(toBrainRequest(body))
  const calls = said.tool_calls.map((call) => ({
    id: `toolu_${randomUUID().replaceAll('-', '')}`,
    name: call.name,
    json: how.kind === 'bad_tool_call' ? '{"path": "notes.md", "con' : JSON.stringify(call.arguments),
  }))
  const chars = said.text.length + calls.reduce((sum, call) => sum + call.json.length, 0)
  const isCut = how.kind === 'max_tokens' || (how.output_bytes === undefined && countTokens(chars) > body.max_tokens)
  if (!isCut) {
    // A bill above `max_tokens` does not happen at Anthropic, so an answer forced to a size is not billed above it.
    const output_tokens = Math.min(countTokens(chars), body.max_tokens)
    const stop_reason = how.kind === 'refusal' ? 'refusal' : calls.length > 0 ? 'tool_use' : 'end_turn'
    return { text: how.kind === 'refusal' ? '' : said.text, calls, stop_reason, output_tokens }
  }
  const room = how.kind === 'max_tokens' ? Math.min(Math.floor(chars / 2), body.max_tokens * 4) : body.max_tokens * 4
  const text = said.text.slice(0, room)
  let left = room - text.length
  const kept = calls.flatMap((call) => {
    const json = call.json.slice(0, left)
    left -= json.length
    return json === '' ? [] : [{ ...call, json }]
  })
  return { text, calls: kept, stop_reason: 'max_tokens', output_tokens: countTokens(room) }
}

function toBrainRequest(body: AnthropicBody): BrainRequest {
  const calls = new Map<string, BrainCall>()
  const messages = body.messages.flatMap((turn): BrainMessage[] => {
    const blocks = blocksOf(turn.content)
    const text = blocks.flatMap((b) => (b.type === 'text' ? [b.text] : [])).join('\n')
    if (turn.role === 'assistant') {
      const made = blocks.flatMap((b) =>
        b.type === 'tool_use' ? [{ id: b.id, name: b.name, arguments: b.input }] : [],
      )
      for (const call of made) calls.set(call.id, call)
      return [{ role: 'assistant', text, tool_calls: made, answers: null, is_error: false }]
    }
    const results = blocks.flatMap((b): BrainMessage[] => {
      if (b.type !== 'tool_result') return []
      const said = typeof b.content === 'string' ? b.content : (b.content ?? []).map((part) => part.text).join('\n')
      const answers = calls.get(b.tool_use_id) ?? null
      return [{ role: 'tool', text: said, tool_calls: [], answers, is_error: b.is_error ?? false }]
    })
    return text === '' ? results : [...results, { role: 'user', text, tool_calls: [], answers: null, is_error: false }]
  })
  const system = typeof body.system === 'string' ? body.system : (body.system ?? []).map((b) => b.text).join('\n')
  return {
    system,
    messages,
    tools: (body.tools ?? []).map((tool) => ({ name: tool.name, parameters: tool.input_schema })),
    output_schema: body.output_config?.format?.schema ?? null,
  }
}

type Refusal = readonly [status: number, type: string, message: string, code?: string]

const REFUSALS: { readonly [kind in Behaviour['kind']]?: Refusal } & { readonly wrong_key: Refusal } = {
  wrong_key: [401, 'authentication_error', 'invalid x-api-key'],
  no_credit: [
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  ],
  spend_limit: [
    400,
    'invalid_request_error',
    'You have reached your specified API usage limits. You will regain access on 2026-12-01.',
  ],
  billing_problem: [402, 'billing_error', 'There is a problem with your payment method.'],
  spend_cap: [
    429,
    'rate_limit_error',
    'You have reached the spend limit of your tier.',
    'enforced_spend_limit_reached',
  ],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
  server_error: [500, 'api_error', 'Internal server error'],
  no_model: [404, 'not_found_error', 'model: not there'],
}

async function refuse(exchange: Exchange, refusal: Refusal, retry_after_s?: number): Promise<void> {
  const [status, type, text, code] = refusal
  const request_id = requestId()
  exchange.json(
    status,
    {
      type: 'error',
      error: { type, message: text, ...(code === undefined ? {} : { details: { error_code: code } }) },
      request_id,
    },
    { 'request-id': request_id, ...(retry_after_s === undefined ? {} : { 'retry-after': String(retry_after_s) }) },
  )
}

function requestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`
}

async function countOnly(exchange: Exchange): Promise<void> {
  const checked = checkBody({ max_tokens: 1, ...(exchange.body as object) }, exchange.headers['anthropic-version'])
  if (!checked.ok) return refuse(exchange, [400, 'invalid_request_error', checked.why])
  const tokens = new PromptCache().take(checked.body)
  exchange.json(200, { input_tokens: tokens.input + tokens.cache_write_5m + tokens.cache_write_1h })
}

async function listModels(exchange: Exchange, models: readonly string[]): Promise<void> {
  if (exchange.headers['anthropic-version'] !== API_VERSION) {
    return refuse(exchange, [400, 'invalid_request_error', 'anthropic-version: header is required'])
  }
  const info = (id: string) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
    lifecycle: 'active',
    max_input_tokens: CONTEXT_TOKENS,
    max_tokens: 64_000,
  })
  const wanted = exchange.path.slice('/v1/models/'.length)
  if (wanted === '') {
    return exchange.json(200, {
      data: models.map(info),
      has_more: false,
      first_id: models[0] ?? null,
      last_id: models.at(-1) ?? null,
    })
  }
  if (!models.includes(wanted)) return refuse(exchange, [404, 'not_found_error', `model: ${wanted}`])
  return exchange.json(200, info(wanted))
}

if (import.meta.main) await runDouble(startAnthropicDouble)
