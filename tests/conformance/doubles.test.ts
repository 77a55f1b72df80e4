import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Double } from '../doubles/double-server.ts'
import { startGoogleDouble } from '../doubles/google-double.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { startOpenAiDouble } from '../doubles/openai-double.ts'

const MINIMAL = {
  model: 'claude-haiku-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }] as unknown[],
}

let double: Double
beforeAll(async () => {
  double = await startAnthropicDouble({ keys: ['right'] })
})
afterAll(() => double.close())

async function post(body: object, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`${double.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'right', 'anthropic-version': '2026-10-21', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}

function withSchema(schema: object): object {
  return { ...MINIMAL, output_config: { format: { type: 'json_schema', schema } } }
}

describe('the double of Anthropic', () => {
  test('R1 (double) answers without a stream, under both spellings of the key', async () => {
    const plain = await post(MINIMAL)
    expect(plain.status).toBe(200)
    expect(JSON.parse(plain.text)).toMatchObject({ type: 'message', stop_reason: 'end_turn' })
    expect((await post(MINIMAL, { 'x-api-key': '', authorization: 'Bearer right' })).status).toBe(401)
    const bearer = await fetch(`${double.url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer right', 'anthropic-version': '2026-10-21' },
      body: JSON.stringify(MINIMAL),
    })
    expect(bearer.status).toBe(200)
    await bearer.body?.cancel()
  })

  const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }
  const tools = [{ name: 'f', input_schema: { type: 'object' } }]
  const [hello] = MINIMAL.messages
  const refused: [string, object, RegExp][] = [
    ['temperature', { ...MINIMAL, temperature: 1 }, /temperature/],
    ['top_k', { ...MINIMAL, top_k: 5 }, /top_k/],
    ['an unknown field', { ...MINIMAL, nonsense: 1 }, /nonsense/],
    ['an empty text', { ...MINIMAL, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, /non-empty/],
    [
      'a call that nothing answers',
      {
        ...MINIMAL,
        tools,
        messages: [hello, { role: 'assistant', content: [use] }, { role: 'user', content: 'and?' }],
      },
      /without `tool_result` blocks immediately after: toolu_1/,
    ],
    [
      'a result that nothing asked for',
      { ...MINIMAL, messages: [{ role: 'user', content: [result] }] },
      /unexpected `tool_use_id`/,
    ],
    ['prefill', { ...MINIMAL, messages: [hello, { role: 'assistant', content: 'He' }] }, /prefill/],
    ['an open object', withSchema({ type: 'object', properties: {} }), /additionalProperties/],
    [
      'a limit of length',
      withSchema({ type: 'object', additionalProperties: false, properties: { a: { type: 'string', maxLength: 3 } } }),
      /maxLength/,
    ],
    [
      'minItems above 1',
      withSchema({ type: 'object', additionalProperties: false, properties: { a: { type: 'array', minItems: 2 } } }),
      /minItems/,
    ],
    [
      'recursion',
      withSchema({
        $defs: {
          node: { type: 'object', additionalProperties: false, properties: { next: { $ref: '#/$defs/node' } } },
        },
        type: 'object',
        additionalProperties: false,
        properties: { a: { $ref: '#/$defs/node' } },
      }),
      /recursive/,
    ],
  ]
  test.each(refused)('R1 (double) refuses %s', async (_name, body, why) => {
    const { status, text } = await post(body)
    expect(status).toBe(400)
    expect(text).toMatch(why)
  })

  test('R1 (double) insists on its version', async () => {
    expect((await post(MINIMAL, { 'anthropic-version': '' })).status).toBe(400)
  })

  test('B2 (double) bills by its own price list', async () => {
    const other = await startAnthropicDouble({ queue: [{ kind: 'answer', text: 'x'.repeat(400) }] })
    const body = JSON.stringify({ ...MINIMAL, model: 'claude-sonnet-4-6' })
    const headers = { 'x-api-key': 'any', 'anthropic-version': '2026-10-21' }
    const reply = await fetch(`${other.url}/v1/messages`, { method: 'POST', headers, body })
    const { usage } = (await reply.json()) as { usage: { input_tokens: number; output_tokens: number } }
    await other.close()
    expect(usage.output_tokens).toBe(100)
    expect(other.record.billed_micros()).toBe(usage.input_tokens * 3 + 100 * 15)
  })
})

describe('the double of Ollama', () => {
  test('H3 (double) unloads a model only after a while', async () => {
    const ollama = await startOllamaDouble()
    const ask = async (path: string, body?: object) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      return (await fetch(`${ollama.url}${path}`, init)).json() as Promise<{ models: unknown[]; done_reason: string }>
    }
    expect((await ask('/api/ps')).models).toHaveLength(0)
    expect((await ask('/api/chat', { model: 'llama3.2', messages: [] })).done_reason).toBe('load')
    expect((await ask('/api/ps')).models).toHaveLength(1)
    expect((await ask('/api/chat', { model: 'llama3.2', messages: [], keep_alive: 0 })).done_reason).toBe('unload')
    expect((await ask('/api/ps')).models).toHaveLength(1)
    expect((await ask('/api/ps')).models).toHaveLength(0)
    await ollama.close()
  })
})

describe('the doubles of OpenAI and Google', () => {
  async function refusal(start: () => Promise<Double>, path: string, body: object): Promise<string> {
    const other = await start()
    const headers = { authorization: 'Bearer any', 'x-goog-api-key': 'any' }
    const reply = await fetch(`${other.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await reply.text()
    await other.close()
    expect(reply.status, text).toBe(400)
    return text
  }
  const messages = [{ role: 'user', content: 'Hello' }]
  const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
  const json_schema = { name: 'a', strict: true, schema: { type: 'object', properties: { x: { type: 'string' } } } }
  const openAi: [string, object, RegExp][] = [
    ['the old name of the bound', { messages, max_tokens: 5 }, /max_completion_tokens/],
    ['tools beside reasoning', { messages, tools }, /reasoning_effort to 'none'/],
    ['an open schema', { messages, response_format: { type: 'json_schema', json_schema } }, /additionalProperties/],
    [
      'a call that nothing answers',
      { messages: [...messages, { role: 'assistant', content: null, tool_calls: [call] }, ...messages] },
      /did not have response messages: call_1/,
    ],
    ['a result that nothing asked for', { messages: [{ role: 'tool', tool_call_id: 'x', content: '' }] }, /preceding/],
  ]
  test.each(openAi)('R1 (double) OpenAI refuses %s', async (_name, body, why) => {
    const asked = { model: 'gpt-6-sol', ...body }
    expect(await refusal(() => startOpenAiDouble(), '/v1/chat/completions', asked)).toMatch(why)
  })

  const path = '/v1beta/models/gemini-3.8-flash:streamGenerateContent'
  const user = { role: 'user', parts: [{ text: 'Hello' }] }
  const asks = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] }
  const answers = { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: '' } } }] }
  const google: [string, object, RegExp][] = [
    ['a call without its signature', { contents: [user, asks, answers] }, /missing a thought_signature/],
    ['a call that nothing answers', { contents: [user, asks, user] }, /immediately after a function call turn/],
    ['more results than calls', { contents: [user, answers] }, /number of function response parts/],
    [
      'a limit of length',
      { contents: [user], generationConfig: { responseJsonSchema: { type: 'string', maxLength: 3 } } },
      /maxLength/,
    ],
  ]
  test.each(google)('R1 (double) Google refuses %s', async (_name, body, why) => {
    expect(await refusal(() => startGoogleDouble(), path, body)).toMatch(why)
  })
})

const FIRST_WORDS: Readonly<Record<string, { readonly path: string; readonly body: object }>> = {
  anthropic: { path: '/v1/messages', body: MINIMAL },
  ollama: { path: '/api/chat', body: { ...MINIMAL, model: 'llama3.2' } },
  openai: {
    path: '/v1/chat/completions',
    body: { model: 'gpt-6-sol', messages: MINIMAL.messages, max_completion_tokens: 100 },
  },
  google: {
    path: '/v1beta/models/gemini-3.8-flash:streamGenerateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
  },
}

describe.each(Object.entries(FIRST_WORDS))('the double of %s as a process', (name, { path, body: words }) => {
  test(`R1 (double) runs by itself, tells what it was asked, and ends with its stdin`, async () => {
    const config = join(mkdtempSync(join(tmpdir(), 'double-')), 'config.json')
    writeFileSync(config, JSON.stringify({ default: { kind: 'server_error' } }))
    const script = join(import.meta.dirname, `../doubles/${name}-double.ts`)
    const child = spawn('node', [script, '--port', '0', '--config', config], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    const body = JSON.stringify(words)
    const headers = {
      'x-api-key': 'any',
      authorization: 'Bearer any',
      'x-goog-api-key': 'any',
      'anthropic-version': '2026-10-21',
    }
    const ask = async () => (await fetch(`${url}${path}`, { method: 'POST', headers, body })).status
    expect(await ask()).toBe(500)
    await fetch(`${url}/__script`, { method: 'POST', body: JSON.stringify([{ kind: 'answer', text: 'hi' }]) })
    expect(await ask()).toBe(200)
    const record = (await (await fetch(`${url}/__record`)).json()) as { calls: { outcome: string }[] }
    expect(record.calls.map((call) => call.outcome)).toEqual(['refused', 'answered'])
    child.stdin.end()
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })
})
