import { createHash, randomBytes } from 'node:crypto'
import type { Behaviour, DoubleConfig } from './behaviour.ts'
import { type Brain, type BrainMessage, type BrainRequest, defaultBrain } from './brain.ts'
import { type Double, type Exchange, hang, runDouble, startDouble } from './double-server.ts'
import { checkBody, type GoogleBody, type GooglePart } from './google-check.ts'
import { countTokens, streamPieces } from './pieces.ts'
import { PrefixCache } from './prefix-cache.ts'
import { NO_TOKENS, type RecordedTokens } from './record.ts'
import { composeAnswer, type ScriptedAnswer } from './scripted-answer.ts'

const CONTEXT_TOKENS = 1_048_576
const UNBOUNDED = 65_536

interface Rates {
  readonly input: number
  readonly output: number
  readonly read: number
}
/** Written down apart from Baton's own table, so that a mistake there shows. USD per million tokens. */
const RATES: Readonly<Record<string, Rates>> = {
  'gemini-3.8-flash': { input: 0.75, output: 3.75, read: 0.075 },
  'gemini-3.5-flash': { input: 1.5, output: 9, read: 0.15 },
  // Of the future: Baton ships no price for it.
  'gemini-9': { input: 1, output: 4, read: 1 },
}
const OFFERED = ['gemini-3.8-flash', 'gemini-3.5-flash']

export interface GoogleDoubleOptions extends DoubleConfig {
  readonly brain?: Brain
  /** Tokens that the model thinks before each answer. */
  readonly thinks?: number
}

interface Server {
  readonly models: readonly string[]
  readonly brain: Brain
  readonly thinks: number
  readonly cache: PrefixCache
  /** Signatures that were given out with calls. */
  readonly issued: Set<string>
}

/** A server that speaks Google's Gemini API over REST, refuses what it refuses and keeps the bill. */
export function startGoogleDouble(options: GoogleDoubleOptions = {}): Promise<Double> {
  const { brain = defaultBrain, thinks = 0, ...config } = options
  const models = config.models ?? OFFERED
  const server: Server = { models, brain, thinks, cache: new PrefixCache(), issued: new Set() }
  return startDouble(config, async (exchange) => {
    const key = exchange.headers['x-goog-api-key'] ?? exchange.query.get('key') ?? ''
    if (key === '' || (config.keys !== undefined && !config.keys.includes(key))) {
      return refuse(exchange, REFUSALS.wrong_key)
    }
    if (exchange.path === '/v1beta/models') return listModels(exchange, models)
    const asked = /^\/v1beta\/models\/([^/:]+):streamGenerateContent$/.exec(exchange.path)?.[1]
    if (asked === undefined) return refuse(exchange, [404, 'NOT_FOUND', 'Not Found'])
    return generate(exchange, decodeURIComponent(asked), server)
  })
}

function listModels(exchange: Exchange, models: readonly string[]): void {
  const able = models.map((id) => ({ name: `models/${id}`, supportedGenerationMethods: ['generateContent'] }))
  const embedder = { name: 'models/gemini-embedding-2', supportedGenerationMethods: ['embedContent'] }
  exchange.json(200, { models: [...able, embedder] })
}

async function generate(exchange: Exchange, model: string, server: Server): Promise<void> {
  const how = exchange.next()
  const checked = checkBody(exchange.body, model, server.issued)
  if (!checked.ok) return refuse(exchange, [400, 'INVALID_ARGUMENT', checked.why])
  const { body } = checked
  if (how.kind === 'no_model' || !server.models.includes(model)) {
    return refuse(exchange, [404, 'NOT_FOUND', `models/${model} is not found for API version v1beta.`])
  }
  if (how.kind === 'rate_limit') return limitRate(exchange, how)
  const refusal = REFUSALS[how.kind]
  if (refusal !== undefined) return refuse(exchange, refusal)

  const parts = [JSON.stringify([body.systemInstruction, body.tools]), ...body.contents.map(asPrompt)]
  const { total, read } = server.cache.take(model, parts)
  const tokens: RecordedTokens = { ...NO_TOKENS, input: total - read, cache_read: read }
  if (how.kind === 'context_too_long' || total > CONTEXT_TOKENS) {
    const shown = Math.max(total, CONTEXT_TOKENS + 1)
    const why = `The input token count (${shown}) exceeds the maximum number of tokens allowed (${CONTEXT_TOKENS}).`
    return refuse(exchange, [400, 'INVALID_ARGUMENT', why])
  }
  const charge = (output: number) => {
    exchange.call.tokens = { ...tokens, output }
    exchange.call.billed_micros = bill(model, exchange.call.tokens)
  }
  charge(0)
  // The provider did read the prompt, so it bills it, although nobody will know.
  if (how.kind === 'hang') return hang(exchange.gone)
  const limit = body.generationConfig.maxOutputTokens ?? UNBOUNDED
  const answer = composeAnswer(how, server.brain, () => toBrainRequest(body), limit)
  const events = answerEvents({ model, tokens, answer, thinks: server.thinks }, how, server.issued)
  charge(events.at(-1)?.output_tokens ?? 0)
  const sent = await exchange.stream(
    events.map((event) => event.wire),
    'text/event-stream',
    how,
  )
  if (sent < events.length) charge(events[sent - 1]?.output_tokens ?? 0)
}

/** Tokens of an image where the request does not name a resolution (ai.google.dev, "Media resolution"). */
const IMAGE_TOKENS = 1_120

/** A turn as its tokens are counted: an image has as many characters as make its tokens, beginning with its digest. */
function asPrompt(content: GoogleBody['contents'][number]): string {
  return JSON.stringify(content, (key, value: unknown) =>
    key === 'inlineData'
      ? createHash('sha256')
          .update(JSON.stringify(value))
          .digest('hex')
          .padEnd(4 * IMAGE_TOKENS, '.')
      : value,
  )
}

/** Micro-dollars, exact to a thousandth. */
function bill(model: string, tokens: RecordedTokens): number {
  const rates = RATES[model]
  if (rates === undefined) throw new Error(`The double knows no price for ${model}`)
  const milli = (count: number, rate: number) => count * Math.round(rate * 1_000)
  return (
    (milli(tokens.input, rates.input) + milli(tokens.output, rates.output) + milli(tokens.cache_read, rates.read)) /
    1_000
  )
}

interface Reply {
  readonly model: string
  readonly tokens: RecordedTokens
  readonly answer: ScriptedAnswer
  readonly thinks: number
}
interface WireEvent {
  readonly wire: string
  readonly output_tokens: number
}

/** The stream of an answer: counts grow with each event, calls come whole, and the last event says why it ended. */
function answerEvents(reply: Reply, how: Behaviour, issued: Set<string>): WireEvent[] {
  const { answer, tokens, model, thinks } = reply
  const prompt = tokens.input + tokens.cache_read
  const isBroken = how.kind === 'bad_tool_call'
  const isBlocked = how.kind === 'refusal'
  const events: WireEvent[] = []
  let chars = 0
  const send = (parts: GooglePart[] | { text: string; thought: true }[], finish?: object, whole = false) => {
    const written = isBlocked ? 0 : whole ? answer.output_tokens : Math.min(countTokens(chars), answer.output_tokens)
    const data = {
      ...(isBlocked
        ? { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }
        : { candidates: [{ content: { parts, role: 'model' }, index: 0, ...finish }] }),
      usageMetadata: {
        promptTokenCount: prompt,
        ...(tokens.cache_read > 0 ? { cachedContentTokenCount: tokens.cache_read } : {}),
        ...(written > 0 ? { candidatesTokenCount: written } : {}),
        ...(thinks > 0 ? { thoughtsTokenCount: thinks } : {}),
        totalTokenCount: prompt + written + thinks,
      },
      modelVersion: model,
      responseId: 'r1',
    }
    events.push({ wire: `data: ${JSON.stringify(data)}\r\n\r\n`, output_tokens: written + (isBlocked ? 0 : thinks) })
  }
  if (isBlocked) {
    send([])
    return events
  }
  if (thinks > 0) send([{ text: 'I think about owls.', thought: true }])
  for (const text of streamPieces(answer.text)) {
    chars += text.length
    send([{ text }])
  }
  const whole = answer.calls.filter((call) => isWhole(call.json))
  if (whole.length > 0) {
    const thoughtSignature = randomBytes(24).toString('base64')
    issued.add(thoughtSignature)
    const calls = whole.map((call, at) => ({
      functionCall: { id: randomBytes(6).toString('hex'), name: call.name, args: JSON.parse(call.json) as object },
      ...(at === 0 ? { thoughtSignature } : {}),
    }))
    chars += whole.reduce((sum, call) => sum + call.json.length, 0)
    send(calls as GooglePart[])
  }
  if (how.kind === 'stream_error' || how.kind === 'malformed') {
    const half = events.slice(0, Math.max(1, Math.ceil(events.length / 2)))
    const error = { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' }
    const wire =
      how.kind === 'malformed'
        ? 'data: {"candidates": [{"content": {"parts": [{"te\r\n\r\n'
        : `data: ${JSON.stringify({ error })}\r\n\r\n`
    return [...half, { wire, output_tokens: half.at(-1)?.output_tokens ?? 0 }]
  }
  const broken = {
    finishReason: 'MALFORMED_FUNCTION_CALL',
    finishMessage: 'Malformed function call: call:write_file{pa',
  }
  send([], isBroken ? broken : { finishReason: answer.isCut ? 'MAX_TOKENS' : 'STOP' }, true)
  return events
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json)
    return true
  } catch {
    // Gemini sends a call only when it is complete.
    return false
  }
}

function toBrainRequest(body: GoogleBody): BrainRequest {
  const messages = body.contents.flatMap((content, at): BrainMessage[] => {
    const text = content.parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n')
    const made = callsOf(content.parts)
    if (content.role === 'model') return [{ role: 'assistant', text, tool_calls: made, answers: null, is_error: false }]
    const asked = callsOf(body.contents[at - 1]?.parts ?? [])
    const results = content.parts.flatMap((part) => ('functionResponse' in part ? [part.functionResponse] : []))
    const told = results.map((result, index): BrainMessage => {
      const is_error = 'error' in result.response
      const said = String(result.response[is_error ? 'error' : 'output'] ?? '')
      return { role: 'tool', text: said, tool_calls: [], answers: asked[index] ?? null, is_error }
    })
    return text === '' ? told : [...told, { role: 'user', text, tool_calls: [], answers: null, is_error: false }]
  })
  const declared = (body.tools ?? []).flatMap((tool) => tool.functionDeclarations)
  return {
    system: (body.systemInstruction?.parts ?? []).map((part) => part.text).join('\n'),
    messages,
    tools: declared.map((tool) => ({ name: tool.name, parameters: tool.parametersJsonSchema })),
    output_schema: body.generationConfig.responseJsonSchema ?? null,
  }
}

function callsOf(parts: readonly GooglePart[]) {
  return parts.flatMap((part) =>
    'functionCall' in part ? [{ name: part.functionCall.name, arguments: part.functionCall.args }] : [],
  )
}

type Refusal = readonly [status: number, name: string, message: string, details?: readonly object[]]

const REFUSALS: { readonly [kind in Behaviour['kind']]?: Refusal } & { readonly wrong_key: Refusal } = {
  wrong_key: [
    400,
    'INVALID_ARGUMENT',
    'API key not valid. Please pass a valid API key.',
    [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }],
  ],
  no_credit: [
    429,
    'RESOURCE_EXHAUSTED',
    'Your prepayment credits are depleted. Please go to AI Studio to add credits.',
  ],
  billing_problem: [
    400,
    'FAILED_PRECONDITION',
    'Gemini API free tier is not available in your country. Please enable billing on your project.',
  ],
  spend_limit: [429, 'RESOURCE_EXHAUSTED', 'Your project has exceeded its monthly spending cap.'],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  server_error: [500, 'INTERNAL', 'An internal error has occurred.'],
}

/** With `retry_after_s` a limit per minute with `RetryInfo`; without it a day's quota, whose `RetryInfo` says nothing of use. */
function limitRate(exchange: Exchange, how: Behaviour): void {
  const perDay = how.retry_after_s === undefined
  const quotaId = `GenerateRequestsPer${perDay ? 'Day' : 'Minute'}PerProjectPerModel-FreeTier`
  refuse(exchange, [
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.',
    [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId, quotaValue: '20' }] },
      { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${how.retry_after_s ?? 34.07}s` },
    ],
  ])
}

function refuse(exchange: Exchange, [status, name, message, details]: Refusal): void {
  exchange.json(status, {
    error: { code: status, message, status: name, ...(details === undefined ? {} : { details }) },
  })
}

if (import.meta.main) await runDouble(startGoogleDouble)
