import { afterEach, describe, expect, test } from 'vitest'
import { createGoogleProvider } from '#core/model/google.ts'
import { settledMicros, shippedPrices } from '#core/model/price-table.ts'
import type { ModelDelta, ModelReply, ModelRequest } from '#core/model/provider.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { type GoogleDoubleOptions, startGoogleDouble } from '../doubles/google-double.ts'

const doubles: Double[] = []
afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()))
})

async function start(options: GoogleDoubleOptions, ...queue: Behaviour[]): Promise<Double> {
  const double = await startGoogleDouble({ ...options, queue })
  doubles.push(double)
  return double
}

const WRITE_FILE = {
  name: 'write_file',
  description: 'Writes a file.',
  parameters: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { path: { type: 'string', minLength: 1 } },
    required: ['path'],
  },
}

function ask(change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gemini-3.8-flash',
    system: 'You write short texts.',
    messages: [{ role: 'user', text: 'Say something about owls.' }],
    tools: [],
    max_tokens: 4_096,
    ...change,
  }
}

async function complete(double: Double, request: ModelRequest = ask(), deltas: ModelDelta[] = []): Promise<ModelReply> {
  const provider = createGoogleProvider({ api_key: 'key', base_url: double.url })
  return provider.complete(request, {
    signal: new AbortController().signal,
    onDelta: (delta) => void deltas.push(delta),
  })
}

function answered(reply: ModelReply) {
  if (!reply.ok) throw new Error(`expected an answer, got ${reply.fault.kind}: ${reply.fault.message}`)
  return reply
}

function fault(reply: ModelReply) {
  if (reply.ok) throw new Error(`expected a fault, got an answer: ${reply.text.slice(0, 200)}`)
  return reply.fault
}

describe('google', () => {
  const money: Behaviour['kind'][] = ['no_credit', 'spend_limit', 'billing_problem']
  test.each(money)('R1 knows %s as a matter of money, which waiting does not heal', async (kind) => {
    const reply = fault(await complete(await start({}, { kind })))
    expect(reply).toMatchObject({ kind: 'billing', maybe_billed: false })
    expect(reply.retry_after_ms).toBeUndefined()
  })

  test('E3 waits as long as RetryInfo says, but for a spent day until midnight in California', async () => {
    const double = await start({}, { kind: 'rate_limit', retry_after_s: 17.5 }, { kind: 'rate_limit' })
    expect(fault(await complete(double))).toMatchObject({ kind: 'rate_limit', retry_after_ms: 17_500 })
    const asked_ms = Date.now()
    const wait_ms = fault(await complete(double)).retry_after_ms ?? 0
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/Los_Angeles', timeStyle: 'short' })
    // The double named a delay of half a minute, which would be wrong.
    expect(clock.format(asked_ms + wait_ms + 30_000)).toBe('00:00')
  })

  test('R1 counts thoughts as output, shows them apart, and books exactly what is billed', async () => {
    const double = await start({ thinks: 321 })
    const deltas: ModelDelta[] = []
    const prices = shippedPrices()
    let request = ask({ system: 'Keep to the facts about birds. '.repeat(300) })
    let booked = 0
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = answered(await complete(double, request, deltas))
      expect(reply.usage).toEqual(double.record.calls[turn]?.tokens)
      expect(reply.usage.output).toBeGreaterThan(321)
      expect(reply.text).not.toContain('I think')
      booked += settledMicros(prices, request.model, Date.parse('2026-11-20'), reply.usage) ?? 0
      const said = { role: 'assistant' as const, text: reply.text, tool_calls: [] }
      request = { ...request, messages: [...request.messages, said, { role: 'user', text: 'Go on.' }] }
    }
    expect(deltas.filter((delta) => delta.kind === 'thinking')).toHaveLength(3)
    expect(double.record.tokens().cache_read).toBeGreaterThan(1_024)
    expect(booked - double.record.billed_micros()).toBeGreaterThanOrEqual(0)
    expect(booked - double.record.billed_micros()).toBeLessThan(3)
  })

  test('R1 hands on that the prompt was blocked, with what it cost', async () => {
    const double = await start({}, { kind: 'refusal' })
    const refused = fault(await complete(double))
    expect(refused).toMatchObject({ kind: 'refused', maybe_billed: false })
    expect(refused.message).toContain('PROHIBITED_CONTENT')
    expect(refused.usage).toEqual(double.record.calls[0]?.tokens)
  })

  test('R1 asks again after a call that Google could not read, and pays for what was written', async () => {
    const tool_calls = [{ name: 'write_file', arguments: { path: 'a' } }]
    const double = await start({}, { kind: 'bad_tool_call', tool_calls })
    const broken = fault(await complete(double, ask({ tools: [WRITE_FILE] })))
    expect(broken).toMatchObject({ kind: 'truncated', maybe_billed: false })
    expect(broken.usage).toEqual(double.record.calls[0]?.tokens)
  })

  test('R1 brings the signature of a call back, and does without for a call of another model', async () => {
    const tool_calls = [
      { name: 'write_file', arguments: { path: 'a' } },
      { name: 'write_file', arguments: { path: 'b' } },
    ]
    const double = await start({}, { kind: 'answer', tool_calls }, { kind: 'answer', text: 'mine' })
    const reply = answered(await complete(double, ask({ tools: [WRITE_FILE] })))
    expect(reply.tool_calls.map((call) => call.signature !== undefined)).toEqual([true, false])
    const results = reply.tool_calls.map(({ id, name }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      name,
      text: 'ok',
      is_error: false,
    }))
    const said = { role: 'assistant' as const, text: '', tool_calls: reply.tool_calls }
    const messages = [...ask().messages, said, ...results]
    expect(answered(await complete(double, ask({ messages, tools: [WRITE_FILE] }))).text).toBe('mine')

    double.script({ kind: 'answer', text: 'of another' })
    const foreign = { ...said, tool_calls: reply.tool_calls.map(({ signature: _, ...call }) => call) }
    const others = [...ask().messages, foreign, ...results]
    expect(answered(await complete(double, ask({ messages: others, tools: [WRITE_FILE] }))).text).toBe('of another')

    // What OpenAI gave along is nothing to Gemini.
    double.script({ kind: 'answer', text: 'of OpenAI' })
    const marked = reply.tool_calls.map((call) => ({ ...call, signature: 'openai:gpt-6-sol:[]' }))
    const theirs = [...ask().messages, { ...said, tool_calls: marked }, ...results]
    expect(answered(await complete(double, ask({ messages: theirs, tools: [WRITE_FILE] }))).text).toBe('of OpenAI')
    expect(JSON.stringify(double.record.calls.at(-1)?.body)).not.toContain('openai:')
    expect(JSON.stringify(double.record.calls.at(-1)?.body)).toContain('skip_thought_signature_validator')
  })

  test('R1 sends the key in a header, never in the address, and no hint', async () => {
    const double = await start({})
    await complete(double, ask({ hint: { secret: 1 } }))
    const [call] = double.record.calls
    expect(call?.headers['x-goog-api-key']).toBe('key')
    expect(call?.path).toBe('/v1beta/models/gemini-3.8-flash:streamGenerateContent')
    expect(Object.keys(call?.body as object).sort()).toEqual(['contents', 'generationConfig', 'systemInstruction'])
  })

  test('R1 lists only models that can answer, and asks nobody without a key', async () => {
    const double = await start({})
    const signal = new AbortController().signal
    const health = await createGoogleProvider({ api_key: 'key', base_url: double.url }).check(signal)
    expect(health.models).toEqual(['gemini-3.8-flash', 'gemini-3.5-flash'])
    const without = createGoogleProvider({ api_key: '', base_url: double.url })
    expect((await without.check(signal)).state).toBe('not_configured')
    expect(fault(await without.complete(ask(), { signal, onDelta: () => undefined })).kind).toBe('auth')
    expect(double.record.calls).toHaveLength(1)
  })
})
