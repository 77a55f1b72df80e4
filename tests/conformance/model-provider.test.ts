import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createAnthropicProvider } from '#core/model/anthropic.ts'
import type { ModelFaultKind } from '#core/model/fault.ts'
import { createGoogleProvider } from '#core/model/google.ts'
import { createOllamaProvider } from '#core/model/ollama.ts'
import { estimateTokens } from '#core/model/ollama-answer.ts'
import { createOpenAiProvider } from '#core/model/openai.ts'
import { settledMicros, shippedPrices } from '#core/model/price-table.ts'
import type { ModelDelta, ModelProvider, ModelReply, ModelRequest } from '#core/model/provider.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Behaviour, DoubleConfig } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { startGoogleDouble } from '../doubles/google-double.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { startOpenAiDouble } from '../doubles/openai-double.ts'

interface Setup {
  readonly name: string
  readonly model: string
  readonly paid: boolean
  /** The kinds of fault by which it tells an error of its own, before and in the middle of a stream. */
  readonly failing: { readonly before: ModelFaultKind; readonly within: ModelFaultKind }
  start(config?: DoubleConfig): Promise<Double>
  provider(url: string, timeout_ms?: number): ModelProvider
}

const ANTHROPIC: Setup = {
  name: 'anthropic',
  model: 'claude-sonnet-4-6',
  paid: true,
  failing: { before: 'unavailable', within: 'overloaded' },
  start: (config) => startAnthropicDouble(config),
  provider: (base_url, timeout_ms) =>
    createAnthropicProvider({ api_key: 'sk-test', base_url, ...(timeout_ms === undefined ? {} : { timeout_ms }) }),
}
const OLLAMA: Setup = {
  name: 'ollama',
  model: 'llama3.2',
  paid: false,
  failing: { before: 'overloaded', within: 'truncated' },
  start: (config) => startOllamaDouble(config),
  provider: (host, timeout_ms) =>
    createOllamaProvider({ host: () => host, ...(timeout_ms === undefined ? {} : { timeout_ms }) }),
}
const OPENAI: Setup = {
  name: 'openai',
  model: 'gpt-6-sol',
  paid: true,
  failing: { before: 'unavailable', within: 'truncated' },
  start: (config) => startOpenAiDouble(config),
  provider: (url, timeout_ms) =>
    createOpenAiProvider({
      id: 'openai',
      label: 'OpenAI',
      base_url: `${url}/v1`,
      api_key: 'sk-test',
      needs_key: true,
      paid: true,
      dialect: 'openai',
      unreachable: 'Check the network.',
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
    }),
}
const GOOGLE: Setup = {
  name: 'google',
  model: 'gemini-3.8-flash',
  paid: true,
  failing: { before: 'unavailable', within: 'overloaded' },
  start: (config) => startGoogleDouble(config),
  provider: (base_url, timeout_ms) =>
    createGoogleProvider({ api_key: 'key', base_url, ...(timeout_ms === undefined ? {} : { timeout_ms }) }),
}
/** LM Studio, llama.cpp and vLLM speak the same. */
const COMPATIBLE: Setup = {
  name: 'lmstudio',
  model: 'qwen3-8b',
  paid: false,
  failing: { before: 'overloaded', within: 'truncated' },
  start: (config) => startOpenAiDouble({ ...config, flavour: 'local' }),
  provider: (url, timeout_ms) =>
    createOpenAiProvider({
      id: 'lmstudio',
      label: 'LM Studio',
      base_url: `${url}/v1`,
      api_key: '',
      needs_key: false,
      paid: false,
      dialect: 'compatible',
      unreachable: 'Start its server.',
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
    }),
}

const doubles: Double[] = []
afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()))
})

async function start(setup: Setup, ...script: Behaviour[]): Promise<Double> {
  const double = await setup.start({ queue: script })
  doubles.push(double)
  return double
}

function ask(setup: Setup, change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: setup.model,
    system: 'You write short texts.',
    messages: [{ role: 'user', text: 'Say something about owls.' }],
    tools: [],
    max_tokens: 4_096,
    context_tokens: 16_384,
    ...change,
  }
}

interface Outcome {
  readonly reply: ModelReply
  readonly deltas: readonly ModelDelta[]
}

async function complete(
  setup: Setup,
  url: string,
  request: ModelRequest = ask(setup),
  options: { readonly timeout_ms?: number; readonly signal?: AbortSignal } = {},
): Promise<Outcome> {
  const deltas: ModelDelta[] = []
  const reply = await setup.provider(url, options.timeout_ms).complete(request, {
    signal: options.signal ?? new AbortController().signal,
    onDelta: (delta) => void deltas.push(delta),
  })
  return { reply, deltas }
}

function answered(reply: ModelReply): Extract<ModelReply, { ok: true }> {
  if (!reply.ok) throw new Error(`expected an answer, got ${reply.fault.kind}: ${reply.fault.message}`)
  return reply
}

function fault(reply: ModelReply) {
  if (reply.ok) throw new Error(`expected a fault, got an answer: ${reply.text.slice(0, 200)}`)
  expect(reply.fault.message).toMatch(/\S{3}.*\.$/s)
  return reply.fault
}

const WRITE_FILE = {
  name: 'write_file',
  description: 'Writes a file.',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
    required: ['path', 'content'],
    additionalProperties: false,
  },
}
const LIST_FILES = {
  name: 'list_files',
  description: 'Lists files.',
  parameters: { type: 'object', properties: { path: { type: 'string' } }, additionalProperties: false },
}
const ODD_TEXT = 'Eule: 🦉 – Käuzchen, “hoot”, 梟. '.repeat(40)

describe.each([ANTHROPIC, OLLAMA, OPENAI, GOOGLE, COMPATIBLE])('$name', (setup) => {
  test('R1 streams an answer with the tokens that the provider counted', async () => {
    const double = await start(setup, { kind: 'answer', text: ODD_TEXT })
    const { reply, deltas } = await complete(setup, double.url)
    const { text, usage, stop_reason, tool_calls } = answered(reply)
    expect(text).toBe(ODD_TEXT)
    expect(deltas.length).toBeGreaterThan(3)
    expect(deltas.map((delta) => delta.text).join('')).toBe(ODD_TEXT)
    expect(stop_reason).toBe('end')
    expect(tool_calls).toEqual([])
    expect(usage).toEqual(double.record.calls[0]?.tokens)
    expect(usage.output).toBe(Math.ceil(ODD_TEXT.length / 4))
  })

  test.each([1, 2, 3, 7, 1_000])(
    'R1 understands a stream split every %i bytes, inside characters too',
    async (split_bytes) => {
      const double = await start(setup, { kind: 'answer', text: 'Käuzchen 🦉 and 梟, told twice: 🦉.', split_bytes })
      const { reply } = await complete(setup, double.url)
      expect(answered(reply).text).toBe('Käuzchen 🦉 and 梟, told twice: 🦉.')
    },
  )

  test('R1 takes ten megabytes of answer', async () => {
    const double = await start(setup, { kind: 'answer', output_bytes: 10_485_760 })
    const { reply } = await complete(setup, double.url)
    expect(answered(reply).text.length).toBe(10_485_760)
  })

  test('R1 ends a call that would send without bound', async () => {
    const double = await start(setup, { kind: 'answer', output_bytes: 40_000_000 })
    const { reply } = await complete(setup, double.url)
    expect(fault(reply)).toMatchObject({ kind: 'invalid', maybe_billed: setup.paid })
  })

  test('R1 takes a slow answer as long as something comes', async () => {
    const double = await start(setup, { kind: 'answer', text: 'x'.repeat(240), delay_ms: 60 })
    const { reply } = await complete(setup, double.url, ask(setup), { timeout_ms: 20_000 })
    expect(answered(reply).text).toHaveLength(240)
  })

  test('R1 plans through the structured output', async () => {
    const double = await start(setup)
    const limited = { type: 'string', minLength: 1, maxLength: 300 }
    const output_schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        title: limited,
        tasks: {
          type: 'array',
          minItems: 1,
          maxItems: 1_000,
          items: {
            type: 'object',
            properties: {
              key: limited,
              title: limited,
              tier: { anyOf: [{ type: 'string', enum: ['local', 'fast', 'strong'] }, { type: 'null' }] },
              depends_on: { type: 'array', items: limited },
              artifacts: { type: 'array', items: limited },
            },
            required: ['key', 'title', 'depends_on', 'artifacts'],
          },
        },
      },
      required: ['title', 'tasks'],
    }
    const text =
      'Requirement:\nWrite a field guide to the birds of Lake Constance: one markdown file per bird for twelve birds, an index with links, and a glossary'
    const { reply } = await complete(
      setup,
      double.url,
      ask(setup, { messages: [{ role: 'user', text }], output_schema }),
    )
    const plan = JSON.parse(answered(reply).text)
    expect(plan.tasks).toHaveLength(14)
    const birds = plan.tasks.slice(0, 12).map((task: { key: string }) => task.key)
    expect(plan.tasks[12]).toMatchObject({ artifacts: ['index.md'], depends_on: birds, tier: null })
    expect(plan.tasks[13]).toMatchObject({ artifacts: ['glossary.md'] })
  })

  test('R1 carries a whole conversation with tools', async () => {
    const double = await start(setup)
    const order = 'Write it.\n\nFiles to deliver:\n- birds/mute-swan.md\n- index.md\n\nBe brief.'
    let request = ask(setup, { messages: [{ role: 'user', text: order }], tools: [WRITE_FILE, LIST_FILES] })
    const written = new Map<string, string>()
    const ids: string[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      const reply = answered((await complete(setup, double.url, request)).reply)
      if (reply.stop_reason === 'end') {
        expect(reply.text).toMatch(/^Done/)
        break
      }
      expect(reply.stop_reason).toBe('tool_calls')
      const results = reply.tool_calls.map((call) => {
        ids.push(call.id)
        const { path, content } = call.arguments as { path: string; content: string }
        if (call.name === 'write_file') written.set(path, content)
        const text = call.name === 'list_files' ? 'birds/mute-swan.md\nbirds/black-kite.md' : `Wrote ${path}.`
        return { role: 'tool' as const, tool_call_id: call.id, name: call.name, text, is_error: false }
      })
      const said = { role: 'assistant' as const, text: reply.text, tool_calls: reply.tool_calls }
      request = { ...request, messages: [...request.messages, said, ...results] }
    }
    expect([...written.keys()]).toEqual(['birds/mute-swan.md', 'index.md'])
    expect(written.get('birds/mute-swan.md')).toContain('Cygnus olor')
    expect(written.get('index.md')).toContain('(birds/black-kite.md)')
    expect(new Set(ids).size).toBe(ids.length)
    expect(double.record.calls.every((call) => call.outcome === 'answered')).toBe(true)
  })

  test('R1 answers several results of one turn together', async () => {
    const double = await start(setup, { kind: 'answer', text: 'Both are there.' })
    const tool_calls = ['a', 'b'].map((id) => ({ id, name: 'write_file', arguments: { path: id, content: '' } }))
    const results = tool_calls.map(({ id }, at) => ({
      role: 'tool' as const,
      tool_call_id: id,
      name: 'write_file',
      text: '',
      is_error: at === 1,
    }))
    const messages: ModelRequest['messages'] = [
      { role: 'user', text: 'Write two files.' },
      { role: 'assistant', text: '', tool_calls },
      ...results,
      { role: 'user', text: 'Go on.' },
    ]
    const { reply } = await complete(setup, double.url, ask(setup, { messages, tools: [WRITE_FILE] }))
    expect(answered(reply).text).toBe('Both are there.')
  })

  test('R1 says so when the answer was cut at max_tokens, and hands over no half tool call', async () => {
    const double = await start(
      setup,
      { kind: 'max_tokens', text: 'A long tale of owls and of mice. '.repeat(10) },
      {
        kind: 'max_tokens',
        tool_calls: [{ name: 'write_file', arguments: { path: 'a.md', content: 'x'.repeat(400) } }],
      },
    )
    const first = answered((await complete(setup, double.url)).reply)
    expect(first.stop_reason).toBe('max_tokens')
    expect(first.text.length).toBeLessThan(330)
    const second = answered((await complete(setup, double.url, ask(setup, { tools: [WRITE_FILE] }))).reply)
    expect(second).toMatchObject({ stop_reason: 'max_tokens', tool_calls: [] })
  })

  test('R1 never sends more than max_tokens allows', async () => {
    const double = await start(setup, { kind: 'answer', text: 'owl '.repeat(500) })
    const { reply } = await complete(setup, double.url, ask(setup, { max_tokens: 50 }))
    expect(answered(reply)).toMatchObject({ stop_reason: 'max_tokens', usage: { output: 50 } })
  })

  const refusals: [Behaviour['kind'], ModelFaultKind, boolean][] = [
    ['wrong_key', 'auth', false],
    ['rate_limit', 'rate_limit', false],
    ['overloaded', 'overloaded', false],
    ['server_error', setup.failing.before, setup.paid],
    ['no_model', 'unavailable', false],
    ['context_too_long', 'context_too_long', false],
  ]
  test.each(refusals)(
    'R1 turns %s into a fault of kind %s (billed perhaps: %s)',
    async (kind, expected, maybe_billed) => {
      const double = await start(setup, { kind })
      const { reply, deltas } = await complete(setup, double.url)
      expect(fault(reply)).toMatchObject({ kind: expected, maybe_billed })
      expect(deltas).toEqual([])
      expect(double.record.calls).toHaveLength(1)
      expect(double.record.billed_micros()).toBe(0)
    },
  )

  const broken: [Behaviour['kind'], ModelFaultKind][] = [
    ['stream_cut', 'truncated'],
    ['stream_end', 'truncated'],
    ['stream_error', setup.failing.within],
    ['malformed', 'invalid'],
  ]
  test.each(broken)('R1 never takes %s for an answer: %s', async (kind, expected) => {
    const text = 'The owl flies at night, and nobody hears it. '.repeat(20)
    const double = await start(setup, { kind, text })
    const { reply } = await complete(setup, double.url)
    expect(fault(reply)).toMatchObject({ kind: expected, maybe_billed: setup.paid })
    expect(double.record.calls).toHaveLength(1)
    if (setup.paid) expect(double.record.billed_micros()).toBeGreaterThan(0)
  })

  test('R1 never takes a stream cut inside a line for an answer', async () => {
    const double = await start(setup, { kind: 'stream_cut', text: 'owl '.repeat(100), split_bytes: 11 })
    const { reply } = await complete(setup, double.url)
    expect(fault(reply).kind).toBe('truncated')
  })

  test.each(['hang', 'stall'] as const)('E3 ends a call when the server falls silent (%s)', async (kind) => {
    const double = await start(setup, { kind })
    const { reply } = await complete(setup, double.url, ask(setup), { timeout_ms: 300 })
    expect(fault(reply)).toMatchObject({ kind: 'timeout', maybe_billed: setup.paid })
  })

  test('E3 tells a step that ran out of time from one that was cancelled', async () => {
    const double = await start(setup, { kind: 'hang' }, { kind: 'hang' })
    const timed = complete(setup, double.url, ask(setup), { signal: AbortSignal.timeout(200) })
    expect(fault((await timed).reply).kind).toBe('timeout')
    const before = double.record.calls.length
    const controller = new AbortController()
    const cancelled = complete(setup, double.url, ask(setup), { signal: controller.signal })
    await expect.poll(() => double.record.calls.length).toBe(before + 1)
    controller.abort()
    expect(fault((await cancelled).reply)).toMatchObject({ kind: 'aborted', maybe_billed: setup.paid })
  })

  test('E4 sends nothing when the call was cancelled before', async () => {
    const double = await start(setup)
    const { reply } = await complete(setup, double.url, ask(setup), { signal: AbortSignal.abort() })
    expect(fault(reply)).toMatchObject({ kind: 'aborted', maybe_billed: false })
    expect(double.record.calls).toEqual([])
  })

  test('R1 says that nobody is there, and that nothing was billed', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const { reply } = await complete(setup, `http://127.0.0.1:${port}`)
    expect(fault(reply)).toMatchObject({ kind: 'unavailable', maybe_billed: false })
  })

  test('R1 says of a port that fetch never connects to that nobody was reached', async () => {
    const { reply } = await complete(setup, 'http://127.0.0.1:1')
    expect(fault(reply)).toMatchObject({ kind: 'unavailable', maybe_billed: false })
  })

  test('R1 counts a connection that dies before the first byte of the answer as perhaps billed', async () => {
    const server = createServer((socket) => void socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { reply } = await complete(setup, `http://127.0.0.1:${port}`)
    server.close()
    expect(fault(reply)).toMatchObject({ kind: 'truncated', maybe_billed: setup.paid })
  })

  test('H1 tells what models are there, without asking one', async () => {
    const double = await start(setup)
    const health = await setup.provider(double.url).check(new AbortController().signal)
    expect(health.state).toBe('healthy')
    expect(health.models.some((model) => model.startsWith(setup.model))).toBe(true)
    expect(double.record.calls.map((call) => call.method)).toEqual(['GET'])
    await double.close()
    const down = await setup.provider(double.url).check(new AbortController().signal)
    expect(down).toMatchObject({ state: 'down', models: [] })
  })
})

describe('anthropic alone', () => {
  const money: Behaviour['kind'][] = ['no_credit', 'spend_limit', 'billing_problem', 'spend_cap']
  test.each(money)('R1 knows %s as a matter of money, which waiting does not heal', async (kind) => {
    const double = await start(ANTHROPIC, { kind })
    const { reply } = await complete(ANTHROPIC, double.url)
    expect(fault(reply)).toMatchObject({ kind: 'billing', maybe_billed: false })
    expect(fault(reply).retry_after_ms).toBeUndefined()
  })

  test('E3 hands on how long the provider wants to be left alone', async () => {
    const double = await start(ANTHROPIC, { kind: 'rate_limit', retry_after_s: 17 })
    const { reply } = await complete(ANTHROPIC, double.url)
    expect(fault(reply)).toMatchObject({ kind: 'rate_limit', retry_after_ms: 17_000 })
  })

  test('R1 hands on that the model declined, with what it cost', async () => {
    const double = await start(ANTHROPIC, { kind: 'refusal', text: 'no' })
    const { reply } = await complete(ANTHROPIC, double.url)
    const refused = fault(reply)
    expect(refused).toMatchObject({ kind: 'refused', maybe_billed: false })
    expect(refused.usage).toEqual(double.record.calls[0]?.tokens)
  })

  test('R1 sends the version, one key, no sampling parameters and no hint', async () => {
    const double = await start(ANTHROPIC)
    await complete(ANTHROPIC, double.url, ask(ANTHROPIC, { hint: { secret: 1 } }))
    const [call] = double.record.calls
    expect(call?.headers['anthropic-version']).toBe('2026-10-21')
    expect(call?.headers['authorization']).toBe('Bearer sk-test')
    expect(call?.headers['x-stainless-retry-count']).toBe('0')
    expect(Object.keys(call?.body as object).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'system'])
  })

  test('R1 asks nobody without a key', async () => {
    const provider = createAnthropicProvider({ api_key: '', base_url: 'http://127.0.0.1:1' })
    const context = { signal: new AbortController().signal, onDelta: () => undefined }
    expect(fault(await provider.complete(ask(ANTHROPIC), context))).toMatchObject({ kind: 'auth', maybe_billed: false })
    expect((await provider.check(context.signal)).state).toBe('not_configured')
  })

  test('R1 T1 hands tool parameters that are not JSON on as they are, for the tool to refuse', async () => {
    const tool_calls = [{ name: 'write_file', arguments: {} }]
    const double = await start(ANTHROPIC, { kind: 'bad_tool_call', tool_calls }, { kind: 'answer', text: 'fine' })
    const first = answered((await complete(ANTHROPIC, double.url, ask(ANTHROPIC, { tools: [WRITE_FILE] }))).reply)
    expect(first).toMatchObject({ stop_reason: 'tool_calls', tool_calls: [{ arguments: '{"path": "notes.md", "con' }] })
    const messages: ModelRequest['messages'] = [
      { role: 'user', text: 'Write.' },
      { role: 'assistant', text: '', tool_calls: first.tool_calls },
      {
        role: 'tool',
        tool_call_id: first.tool_calls[0]?.id ?? '',
        name: 'write_file',
        text: 'Not JSON.',
        is_error: true,
      },
    ]
    const second = await complete(ANTHROPIC, double.url, ask(ANTHROPIC, { messages, tools: [WRITE_FILE] }))
    expect(answered(second.reply).text).toBe('fine')
  })

  test('R5 B2 reads the cache in a conversation with tools, and books exactly what is billed', async () => {
    const double = await start(ANTHROPIC)
    const system = 'Keep to the facts about birds. '.repeat(300)
    const files = 'Files to deliver:\n- a.md\n- b.md'
    const prices = shippedPrices()
    let request = ask(ANTHROPIC, { system, messages: [{ role: 'user', text: files }], tools: [WRITE_FILE] })
    let booked = 0
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = answered((await complete(ANTHROPIC, double.url, request)).reply)
      booked += settledMicros(prices, ANTHROPIC.model, Date.now(), reply.usage) ?? 0
      expect(reply.usage).toEqual(double.record.calls[turn]?.tokens)
      const results = reply.tool_calls.map(({ id, name }) => ({
        role: 'tool' as const,
        tool_call_id: id,
        name,
        text: 'ok',
        is_error: false,
      }))
      const said = { role: 'assistant' as const, text: reply.text, tool_calls: reply.tool_calls }
      request = { ...request, messages: [...request.messages, said, ...results] }
    }
    const { cache_read, cache_write_5m } = double.record.tokens()
    expect(cache_write_5m).toBeGreaterThan(1_024)
    expect(cache_read).toBeGreaterThan(cache_write_5m)
    const billed = double.record.billed_micros()
    expect(booked).toBeGreaterThanOrEqual(billed)
    expect(booked - billed).toBeLessThan(3)
  })
})

describe('ollama alone', () => {
  test('E7 sets the window and asks not to have the prompt cut', async () => {
    const double = await start(OLLAMA)
    await complete(OLLAMA, double.url, ask(OLLAMA, { context_tokens: 12_345 }))
    const { context_tokens: _, ...unbounded } = ask(OLLAMA)
    await complete(OLLAMA, double.url, unbounded)
    expect(double.record.calls[0]?.body).toMatchObject({
      stream: true,
      truncate: false,
      shift: false,
      options: { num_ctx: 12_345, num_predict: 4_096 },
    })
    expect(double.record.calls[1]?.body).toMatchObject({ options: { num_ctx: 8_192 } })
  })

  test('E7 fails loudly when the server refuses a prompt that does not fit', async () => {
    const double = await start(OLLAMA)
    const system = 'owl '.repeat(6_000)
    const { reply } = await complete(OLLAMA, double.url, ask(OLLAMA, { system, context_tokens: 4_096 }))
    expect(fault(reply).kind).toBe('context_too_long')
  })

  test('E7 fails loudly when an old server cut the prompt and said nothing', async () => {
    const double = await start(OLLAMA, { kind: 'prompt_truncated' })
    const request = ask(OLLAMA, { system: 'owl '.repeat(6_000), context_tokens: 4_096 })
    const { reply } = await complete(OLLAMA, double.url, request)
    const { kind, message } = fault(reply)
    expect(kind).toBe('context_too_long')
    expect(message).toContain(`about ${estimateTokens(request)} tokens`)
  })

  test('E7 believes a small count of a prompt that fits: the server reused its cache', async () => {
    const double = await start(OLLAMA, { kind: 'prompt_truncated', text: 'fine' })
    const { reply } = await complete(OLLAMA, double.url, ask(OLLAMA, { system: 'owl '.repeat(2_000) }))
    expect(answered(reply).text).toBe('fine')
  })

  test('R1 asks again after a tool call that the server could not read', async () => {
    const double = await start(OLLAMA, { kind: 'bad_tool_call', text: 'Now I write.' })
    const { reply } = await complete(OLLAMA, double.url, ask(OLLAMA, { tools: [WRITE_FILE] }))
    expect(fault(reply)).toMatchObject({
      kind: 'truncated',
      message: expect.stringContaining('error parsing tool call'),
    })
  })

  test('R1 prints nothing, whatever the server sends', async () => {
    const printed: unknown[] = []
    const methods = ['log', 'warn', 'error'] as const
    const before = methods.map((name) => console[name])
    for (const name of methods) console[name] = (...words: unknown[]) => void printed.push(words)
    try {
      const double = await start(OLLAMA, { kind: 'malformed' }, { kind: 'server_error' }, { kind: 'stream_end' })
      for (let call = 0; call < 3; call += 1) fault((await complete(OLLAMA, double.url)).reply)
    } finally {
      for (const [at, name] of methods.entries()) console[name] = before[at] ?? console.log
    }
    expect(printed).toEqual([])
  })

  test('R1 tells another server at that address from Ollama', async () => {
    const other = await startAnthropicDouble()
    doubles.push(other)
    const health = await OLLAMA.provider(other.url).check(new AbortController().signal)
    expect(health.state).toBe('down')
    expect(fault((await complete(OLLAMA, other.url)).reply).kind).toBe('auth')
  })
})
