import { afterEach, describe, expect, test } from 'vitest'
import { createOpenAiLike } from '#core/model/known-providers.ts'
import { settledMicros, shippedPrices } from '#core/model/price-table.ts'
import type { ModelProvider, ModelReply, ModelRequest } from '#core/model/provider.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { startOpenAiDouble } from '../doubles/openai-double.ts'

const doubles: Double[] = []
afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()))
})

type Options = Parameters<typeof startOpenAiDouble>[0]

async function start(options: Options, ...queue: Behaviour[]): Promise<Double> {
  const double = await startOpenAiDouble({ ...options, queue })
  doubles.push(double)
  return double
}

/** The adapter as the product makes it. A double's address is private, so it is never paid here. */
function provider(id: Parameters<typeof createOpenAiLike>[0], base_url: string, key = 'sk-test'): ModelProvider {
  return createOpenAiLike(id, {}, { [id]: base_url }, key)
}

const WRITE_FILE = {
  name: 'write_file',
  description: 'Writes a file.',
  parameters: { type: 'object', properties: { path: { type: 'string' } } },
}

function ask(change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-6-sol',
    system: 'You write short texts.',
    messages: [{ role: 'user', text: 'Say something about owls.' }],
    tools: [],
    max_tokens: 4_096,
    ...change,
  }
}

async function complete(asked: ModelProvider, request: ModelRequest = ask()): Promise<ModelReply> {
  return asked.complete(request, { signal: new AbortController().signal, onDelta: () => undefined })
}

function answered(reply: ModelReply) {
  if (!reply.ok) throw new Error(`expected an answer, got ${reply.fault.kind}: ${reply.fault.message}`)
  return reply
}

function fault(reply: ModelReply) {
  if (reply.ok) throw new Error(`expected a fault, got an answer: ${reply.text.slice(0, 200)}`)
  return reply.fault
}

describe('openai', () => {
  const money: Behaviour['kind'][] = ['no_credit', 'spend_limit', 'billing_problem']
  test.each(money)('R1 knows %s as a matter of money, although it comes as a rate limit', async (kind) => {
    const double = await start({}, { kind })
    expect(fault(await complete(provider('openai', `${double.url}/v1`)))).toMatchObject({ kind: 'billing' })
  })

  test('E3 waits as long as the header says, else until the used-up limit resets', async () => {
    const double = await start({}, { kind: 'rate_limit', retry_after_s: 17 }, { kind: 'rate_limit' })
    const openai = provider('openai', `${double.url}/v1`)
    expect(fault(await complete(openai))).toMatchObject({ kind: 'rate_limit', retry_after_ms: 17_000 })
    expect(fault(await complete(openai)).retry_after_ms).toBe(66_500)
  })

  test('R1 hands on that the model declined, with what it cost', async () => {
    const double = await start({}, { kind: 'refusal', text: 'no' })
    const refused = fault(await complete(provider('openai', `${double.url}/v1`)))
    expect(refused).toMatchObject({ kind: 'refused', maybe_billed: false })
    expect(refused.usage).toEqual(double.record.calls[0]?.tokens)
    expect(refused.message).toContain('The scripted model declines.')
  })

  test('R1 sends one key, its own name for the bound, and no hint, and has nothing kept there', async () => {
    const double = await start({})
    answered(await complete(provider('openai', `${double.url}/v1/`), ask({ hint: { secret: 1 } })))
    const [call] = double.record.calls
    expect(call).toMatchObject({ path: '/v1/responses', body: { store: false, max_output_tokens: 4_096 } })
    expect(call?.headers['authorization']).toBe('Bearer sk-test')
    expect(Object.keys(call?.body as object).sort()).toEqual([
      'include',
      'input',
      'instructions',
      'max_output_tokens',
      'model',
      'store',
      'stream',
    ])
  })

  test('R1 asks older models through chat completions, with tools too', async () => {
    const double = await start({ models: ['gpt-4.1'] })
    const older = { model: 'gpt-4.1', tools: [WRITE_FILE] }
    answered(await complete(provider('openai', `${double.url}/v1`), ask(older)))
    expect(double.record.calls[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { max_completion_tokens: 4_096, stream_options: { include_usage: true } },
    })
  })

  test('R1 brings what the model thought before its calls back to that model, and to no other', async () => {
    const tool_calls = [
      { name: 'write_file', arguments: { path: 'a.md' } },
      { name: 'write_file', arguments: { path: 'b.md' } },
    ]
    const double = await start({}, { kind: 'answer', text: 'I write.', tool_calls })
    const openai = provider('openai', `${double.url}/v1`)
    const reply = answered(await complete(openai, ask({ tools: [WRITE_FILE] })))
    expect(reply).toMatchObject({ text: 'I write.', stop_reason: 'tool_calls' })
    const messages: ModelRequest['messages'] = [
      ...ask().messages,
      { role: 'assistant', text: reply.text, tool_calls: reply.tool_calls },
      ...reply.tool_calls.map(({ id, name }) => ({
        role: 'tool' as const,
        tool_call_id: id,
        name,
        text: 'Written.',
        is_error: false,
      })),
    ]
    answered(await complete(openai, ask({ messages, tools: [WRITE_FILE] })))
    answered(await complete(openai, ask({ model: 'gpt-6-luna', messages, tools: [WRITE_FILE] })))
    const kinds = double.record.calls.map(({ body }) =>
      (body as { input: { type?: string; role?: string }[] }).input.map(({ type, role }) => type ?? role),
    )
    const rest = ['assistant', 'function_call', 'function_call', 'function_call_output', 'function_call_output']
    expect(kinds.slice(1)).toEqual([
      ['user', 'reasoning', ...rest],
      ['user', ...rest],
    ])
  })

  test('R1 hands tool parameters that are not JSON on as they are, for the tool to refuse', async () => {
    const tool_calls = [{ name: 'write_file', arguments: {} }]
    const double = await start({}, { kind: 'bad_tool_call', tool_calls }, { kind: 'answer', text: 'fine' })
    const openai = provider('openai', `${double.url}/v1`)
    const reply = answered(await complete(openai, ask({ tools: [WRITE_FILE] })))
    expect(reply).toMatchObject({ stop_reason: 'tool_calls', tool_calls: [{ arguments: '{"path": "notes.md", "con' }] })
    const [call] = reply.tool_calls
    const messages: ModelRequest['messages'] = [
      ...ask().messages,
      { role: 'assistant', text: '', tool_calls: reply.tool_calls },
      { role: 'tool', tool_call_id: call?.id ?? '', name: 'write_file', text: 'That was not JSON.', is_error: true },
    ]
    expect(answered(await complete(openai, ask({ messages, tools: [WRITE_FILE] }))).text).toBe('fine')
  })

  test('R1 does not carry the key to where a redirect points', async () => {
    const other = await start({})
    const { createServer } = await import('node:http')
    const server = createServer((_, response) => {
      response.writeHead(307, { location: `${other.url}/v1/chat/completions` }).end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const reply = await complete(provider('openai', `http://127.0.0.1:${port}/v1`))
    server.close()
    expect(fault(reply).kind).toBe('invalid')
    expect(other.record.calls).toEqual([])
  })

  test('R5 B2 books exactly what is billed, cached tokens at their own price', async () => {
    const double = await start({})
    const openai = provider('openai', `${double.url}/v1`)
    const prices = shippedPrices()
    let request = ask({ system: 'Keep to the facts about birds. '.repeat(300) })
    let booked = 0
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = answered(await complete(openai, request))
      expect(reply.usage).toEqual(double.record.calls[turn]?.tokens)
      booked += settledMicros(prices, request.model, Date.now(), reply.usage) ?? 0
      const said = { role: 'assistant' as const, text: reply.text, tool_calls: [] }
      request = { ...request, messages: [...request.messages, said, { role: 'user', text: 'Go on.' }] }
    }
    expect(double.record.tokens().cache_read).toBeGreaterThan(1_024)
    expect(booked - double.record.billed_micros()).toBeGreaterThanOrEqual(0)
    expect(booked - double.record.billed_micros()).toBeLessThan(3)
  })
})

describe('servers that speak the same', () => {
  test('R1 takes what OpenRouter says it charged', async () => {
    const double = await start({ flavour: 'openrouter' }, { kind: 'answer', text: 'x'.repeat(400) })
    const reply = answered(await complete(provider('openrouter', `${double.url}/v1`)))
    expect(reply.cost_micros).toBe(Math.ceil(double.record.billed_micros()))
    expect(double.record.calls[0]?.body).toMatchObject({ max_tokens: 4_096 })
  })

  test('R1 asks a local server without a key', async () => {
    const double = await start({ flavour: 'local' }, { kind: 'answer', text: 'hoot' })
    const server = provider('llamacpp', `${double.url}/v1`, '')
    expect(answered(await complete(server, ask({ model: 'qwen3-8b' }))).text).toBe('hoot')
    expect(double.record.calls[0]?.headers['authorization']).toBeUndefined()
  })

  test('R1 gives a local server its key where it wants one', async () => {
    const double = await start({ flavour: 'local', keys: ['secret'] })
    const context = new AbortController().signal
    expect((await provider('vllm', `${double.url}/v1`, 'secret').check(context)).state).toBe('healthy')
    expect((await provider('vllm', `${double.url}/v1`, 'wrong').check(context)).state).toBe('down')
  })

  test('R7 counts a server as local by its address alone', () => {
    const paid = (id: Parameters<typeof createOpenAiLike>[0], url?: string) =>
      createOpenAiLike(id, {}, url === undefined ? {} : { [id]: url }, 'key').paid
    expect(paid('openai')).toBe(true)
    expect(paid('openrouter')).toBe(true)
    expect(paid('openai', 'http://127.0.0.1:1234/v1')).toBe(false)
    expect(paid('vllm', 'http://192.168.1.20:8000/v1')).toBe(false)
    expect(paid('vllm', 'https://models.example.com/v1')).toBe(true)
  })

  test('H1 does not look for local servers that nobody named', async () => {
    const lmStudio = createOpenAiLike('lmstudio', {}, {}, '')
    expect(lmStudio.paid).toBe(false)
    expect((await lmStudio.check(new AbortController().signal)).state).toBe('not_configured')
    expect(fault(await complete(lmStudio)).kind).toBe('unavailable')
  })

  test('R1 asks nobody without a key', async () => {
    const openai = createOpenAiLike('openai', {}, {}, '')
    expect(fault(await complete(openai))).toMatchObject({ kind: 'auth', maybe_billed: false })
    expect((await openai.check(new AbortController().signal)).state).toBe('not_configured')
  })

  test('R1 tells another server at that address from one that speaks the protocol', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_, response) => response.end('<html>Hello</html>')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const other = provider('lmstudio', `http://127.0.0.1:${port}/v1`)
    const health = await other.check(new AbortController().signal)
    const reply = await complete(other)
    server.close()
    expect(health.state).toBe('down')
    expect(fault(reply).kind).toBe('invalid')
  })
})
