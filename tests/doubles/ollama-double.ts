import { createHash, randomBytes } from 'node:crypto'
import type { Behaviour, DoubleConfig } from './behaviour.ts'
import { type Brain, type BrainCall, defaultBrain } from './brain.ts'
import { type Double, type Exchange, hang, patiently, runDouble, startDouble } from './double-server.ts'
import { createEmbedder, type Embedder } from './embedder-double.ts'
import { type ChatBody, chatBody, embedBody, namedBody, unloads } from './ollama-check.ts'
import { compose, type OllamaAnswer, promptChars } from './ollama-model.ts'
import { countTokens, streamPieces } from './pieces.ts'
import { NO_TOKENS } from './record.ts'
import type { Card } from './vram.ts'

/** What the server takes where a request names no `num_ctx`: the default of a machine with little VRAM. */
const DEFAULT_NUM_CTX = 4_096
const MODEL_BYTES = 4_661_224_676

export interface OllamaDoubleOptions extends DoubleConfig {
  readonly brain?: Brain
  /** What the model thinks before each answer. */
  readonly thinks?: string
  /** Makes the vectors; one of its own where none is given. */
  readonly embedder?: Embedder
  /** The card it shares with others; without one there is always room. */
  readonly card?: Card
  /** What each model takes on the card, and how long loading takes. */
  readonly model_bytes?: number
  /** Models that take more or less than that. */
  readonly bytes_of?: Readonly<Record<string, number>>
  readonly load_ms?: number
  /** Models that it lists as running in Ollama's cloud, by their names there. */
  readonly cloud?: Readonly<Record<string, string>>
  /** Models that can look at images; none where nothing is said. */
  readonly sighted?: readonly string[]
  /** Paths at which it has nothing but a fault to say; the set may change meanwhile. */
  readonly broken?: ReadonlySet<string>
}

interface Server {
  /** Models on its disk. */
  readonly models: Set<string>
  /** Loaded models with their window; `leaving` counts the polls of `/api/ps` until an unloaded one is gone. */
  readonly loaded: Map<string, { num_ctx: number; leaving: number | null }>
  readonly brain: Brain
  readonly thinks: string
  readonly embedder: Embedder
  readonly card: Card | null
  bytesOf(model: string): number
  readonly load_ms: number
  readonly cloud: Readonly<Record<string, string>>
  readonly sighted: ReadonlySet<string>
}

/** A server that speaks Ollama's own API as WIRE §3 describes it. `llama3.2` and an embedder are there unless told otherwise. */
export function startOllamaDouble(options: OllamaDoubleOptions = {}): Promise<Double> {
  const { brain = defaultBrain, thinks = '', card = null, load_ms = 0, embedder = createEmbedder(), ...sizes } = options
  const { model_bytes = MODEL_BYTES, bytes_of = {}, cloud = {}, sighted = [], broken, ...config } = sizes
  const server: Server = {
    models: new Set([...(config.models ?? ['llama3.2', 'nomic-embed-text']), ...Object.keys(cloud)].map(tagged)),
    loaded: new Map(),
    brain,
    thinks,
    embedder,
    card,
    bytesOf: (model) => bytes_of[model] ?? model_bytes,
    load_ms,
    cloud: Object.fromEntries(Object.entries(cloud).map(([name, there]) => [tagged(name), there])),
    sighted: new Set(sighted.map(tagged)),
  }
  return startDouble(config, async (exchange) => {
    const route = ROUTES[`${exchange.call.method} ${exchange.path}`]
    if (route === undefined) return exchange.json(404, { error: '404 page not found' })
    if (broken?.has(exchange.path) === true) return exchange.json(500, { error: 'internal server error' })
    await route(exchange, server)
  })
}

type Route = (exchange: Exchange, server: Server) => Promise<void> | void

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /': ({ response, call }) => {
    call.status = 200
    response.end('Ollama is running')
  },
  'GET /api/version': (exchange) => exchange.json(200, { version: '0.33.2' }),
  'GET /api/tags': (exchange, { models, cloud }) =>
    exchange.json(200, { models: [...models].map((name) => ({ ...modelInfo(name), ...remoteFields(cloud[name]) })) }),
  'GET /api/ps': listLoaded,
  'POST /api/show': (exchange, server) => {
    const model = nameOf(exchange.body)
    if (!server.models.has(model)) return exchange.json(404, { error: `model '${model}' not found` })
    return exchange.json(200, {
      details: modelInfo(model).details,
      ...remoteFields(server.cloud[model]),
      model_info: {
        'general.architecture': 'llama',
        'llama.context_length': 131_072,
        'llama.block_count': 28,
        'llama.embedding_length': 3_072,
        'llama.attention.head_count': 24,
        'llama.attention.head_count_kv': 8,
        'llama.attention.key_length': 128,
        'llama.attention.value_length': 128,
      },
      parameters: '',
      template: '{{ .Prompt }}',
      capabilities: /embed/.test(model)
        ? ['embedding']
        : ['completion', 'tools', ...(server.sighted.has(model) ? ['vision'] : [])],
    })
  },
  'POST /api/pull': pull,
  'DELETE /api/delete': (exchange, { models }) => {
    const model = nameOf(exchange.body)
    return models.delete(model) ? exchange.json(200, {}) : exchange.json(404, { error: `model '${model}' not found` })
  },
  'POST /api/embed': embed,
  'POST /api/chat': chat,
}

/** Ollama names every model with its tag. */
function tagged(model: string): string {
  return model.includes(':') ? model : `${model}:latest`
}

function nameOf(body: unknown): string {
  const named = namedBody.safeParse(body).data
  // `pull`, `push` and `delete` of the npm package send `name`.
  return tagged(named?.model ?? named?.name ?? '')
}

/** What `/api/tags` and `/api/show` say of a model that runs elsewhere. */
function remoteFields(there: string | undefined) {
  return there === undefined ? {} : { remote_model: there, remote_host: 'https://ollama.com:443' }
}

function modelInfo(name: string) {
  return {
    name,
    model: name,
    modified_at: '2026-11-01T08:00:00Z',
    size: MODEL_BYTES,
    digest: createHash('sha256').update(name).digest('hex'),
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'llama',
      families: ['llama'],
      parameter_size: '3.2B',
      quantization_level: 'Q4_K_M',
    },
  }
}

/** Whether the model is loaded now. A full card is made room on by unloading other models of its own, as the real one does. */
async function load(server: Server, name: string, num_ctx: number): Promise<boolean> {
  const { loaded, card, bytesOf, load_ms } = server
  const isThere = loaded.has(name)
  if (!isThere && card !== null && !card.take(`ollama:${name}`, bytesOf(name))) {
    const own = [...loaded.keys()]
    await Promise.all(own.map((other) => card.give(`ollama:${other}`)))
    for (const other of own) loaded.delete(other)
    if (own.length === 0 || !card.take(`ollama:${name}`, bytesOf(name))) return false
  }
  loaded.set(name, { num_ctx, leaving: null })
  if (!isThere) await patiently(load_ms, new AbortController().signal)
  return true
}

function listLoaded(exchange: Exchange, { loaded, card, bytesOf }: Server): void {
  for (const [name, state] of loaded) {
    if (card?.isRefusing('ollama') === true) continue
    if (state.leaving === 0) {
      loaded.delete(name)
      // The runner is gone; its memory comes back when the driver gives it.
      void card?.give(`ollama:${name}`)
    } else if (state.leaving !== null) state.leaving -= 1
  }
  const models = [...loaded].map(([name, state]) => ({
    ...modelInfo(name),
    expires_at: '2026-11-20T12:00:00Z',
    size_vram: bytesOf(name),
    context_length: state.num_ctx,
  }))
  exchange.json(200, { models })
}

async function pull(exchange: Exchange, { models }: Server): Promise<void> {
  const how = exchange.next()
  const model = nameOf(exchange.body)
  const digest = `sha256:${createHash('sha256').update(model).digest('hex')}`
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => ({
    status: `pulling ${digest.slice(7, 19)}`,
    digest,
    total: MODEL_BYTES,
    completed: Math.round(MODEL_BYTES * share),
  }))
  const states = ['verifying sha256 digest', 'writing manifest', 'success'].map((status) => ({ status }))
  const lines =
    how.kind === 'no_model'
      ? [{ status: 'pulling manifest' }, { error: 'pull model manifest: file does not exist' }]
      : [{ status: 'pulling manifest' }, ...steps, ...states]
  const sent = await exchange.stream(lines.map(toLine), 'application/x-ndjson', how)
  if (how.kind !== 'no_model' && sent === lines.length) models.add(model)
}

async function embed(exchange: Exchange, server: Server): Promise<void> {
  const { models, embedder } = server
  const parsed = embedBody.safeParse(exchange.body)
  if (!parsed.success) return exchange.json(400, { error: 'invalid input type' })
  const model = tagged(parsed.data.model)
  if (!models.has(model)) return exchange.json(404, { error: `model '${parsed.data.model}' not found` })
  const inputs = [parsed.data.input].flat()
  await patiently(embedder.delay_ms, exchange.gone)
  if (exchange.gone.aborted) return
  if (embedder.fault !== null) return exchange.json(embedder.fault.status, { error: embedder.fault.error })
  if (!(await load(server, model, DEFAULT_NUM_CTX))) return outOfMemory(exchange)
  if (inputs.some((text) => text.length > embedder.max_characters))
    return exchange.json(400, { error: 'the input length exceeds the context length' })
  embedder.asked.push(...inputs.map((text) => ({ model, text })))
  exchange.json(200, {
    model: parsed.data.model,
    embeddings: inputs.map((text) => embedder.vector(text, model)),
    total_duration: 1_000_000,
    load_duration: 1_000,
    prompt_eval_count: inputs.reduce((sum, text) => sum + countTokens(text.length), 0),
  })
}

async function chat(exchange: Exchange, server: Server): Promise<void> {
  const parsed = chatBody.safeParse(exchange.body)
  if (!parsed.success) return exchange.json(400, { error: parsed.error.issues[0]?.message ?? 'invalid request' })
  const body = parsed.data
  const model = tagged(body.model)
  const missing = () => exchange.json(404, { error: `model '${body.model}' not found` })
  const num_ctx = body.options.num_ctx ?? DEFAULT_NUM_CTX

  if (body.messages.length === 0) {
    if (!server.models.has(model)) return missing()
    const unload = unloads(body.keep_alive)
    if (!unload && !(await load(server, model, num_ctx))) return outOfMemory(exchange)
    const state = server.loaded.get(model)
    if (unload && state !== undefined) state.leaving = 1
    return exchange.json(200, { ...head(body), done: true, done_reason: unload ? 'unload' : 'load' })
  }
  const how = exchange.next()
  if (how.kind === 'no_model' || !server.models.has(model)) return missing()
  const refusal = REFUSALS[how.kind]
  if (refusal !== undefined) return exchange.json(refusal[0], { error: refusal[1] })

  if (body.messages.some(({ images = [] }) => images.length > 0) && !server.sighted.has(model)) {
    return exchange.json(400, { error: 'this model is missing data required for image input' })
  }
  const prompt = countTokens(promptChars(body))
  const isOld = how.kind === 'prompt_truncated'
  if (how.kind === 'context_too_long' || (prompt > num_ctx - 1 && !isOld && !body.shift)) {
    return exchange.json(400, {
      error:
        'the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length',
    })
  }
  if (!(await load(server, model, num_ctx))) return outOfMemory(exchange)
  if (how.kind === 'hang') return hang(exchange.gone)

  const used = isOld || prompt > num_ctx - 1 ? Math.floor(Math.min(prompt, num_ctx) / 2) : prompt
  const answer = compose(body, how, server.brain)
  exchange.call.tokens = { ...NO_TOKENS, input: used, output: answer.tokens }
  const end = {
    ...head(body),
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: answer.isCut ? 'length' : 'stop',
    total_duration: 9_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: used,
    prompt_eval_duration: 2_000_000,
    eval_count: answer.tokens,
    eval_duration: 5_000_000,
  }
  if (unloads(body.keep_alive)) server.loaded.set(model, { num_ctx, leaving: 1 })
  if (!body.stream) {
    await patiently(how.start_delay_ms ?? 0, exchange.gone)
    const message = { role: 'assistant', content: answer.text, ...callsField(answer.calls) }
    return exchange.json(200, { ...end, message })
  }
  await exchange.stream(answerLines(body, answer, how, end, server.thinks), 'application/x-ndjson', how)
}

function outOfMemory(exchange: Exchange): void {
  exchange.json(500, { error: 'llama runner process has terminated: cudaMalloc failed: out of memory' })
}

const REFUSALS: { readonly [kind in Behaviour['kind']]?: readonly [number, string] } = {
  wrong_key: [401, 'unauthorized'],
  rate_limit: [429, 'too many requests'],
  overloaded: [503, 'server busy, please try again.  maximum pending requests exceeded'],
  server_error: [500, 'llama runner process has terminated: cudaMalloc failed: out of memory'],
}

function head(body: ChatBody) {
  return { model: body.model, created_at: '2026-11-20T10:00:00Z' }
}

function toLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

function callsField(calls: readonly BrainCall[]) {
  if (calls.length === 0) return {}
  const id = () => `call_${randomBytes(4).toString('hex')}`
  return {
    tool_calls: calls.map((call, index) => ({
      id: id(),
      function: { index, name: call.name, arguments: call.arguments },
    })),
  }
}

function answerLines(body: ChatBody, answer: OllamaAnswer, how: Behaviour, end: object, thinks: string): string[] {
  const piece = (message: object) =>
    toLine({ ...head(body), message: { role: 'assistant', content: '', ...message }, done: false })
  const texts = streamPieces(answer.text).map((content) => piece({ content }))
  const calls = answer.calls.length === 0 ? [] : [piece(callsField(answer.calls))]
  const bad = answer.hasBadCall
    ? [
        toLine({
          error: 'error parsing tool call: raw=\'{"path": "notes.md", "con\', err=unexpected end of JSON input',
        }),
      ]
    : []
  const thoughts = thinks === '' ? [] : streamPieces(thinks).map((thinking) => piece({ thinking }))
  const lines = [...thoughts, ...texts, ...calls]
  const half = lines.slice(0, Math.max(1, Math.ceil(lines.length / 2)))
  if (how.kind === 'stream_error')
    return [...half, toLine({ error: 'llama runner process has terminated: exit status 2' })]
  if (how.kind === 'malformed') return [...half, '{"model":"m","message":{"role":"assist\n', toLine(end)]
  return bad.length > 0 ? [...thoughts, ...texts, ...bad] : [...lines, toLine(end)]
}

if (import.meta.main) await runDouble(startOllamaDouble)
