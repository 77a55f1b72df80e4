import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ModelPull } from '#contract/model.ts'
import { createOllamaProvider } from '#core/model/ollama.ts'
import { createOllamaServer, type PullProgress } from '#core/model/ollama-server.ts'
import { createWindowChooser } from '#core/model/ollama-window.ts'
import type { ModelDelta } from '#core/model/provider.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const signal = new AbortController().signal
const ASK = {
  model: 'llama3.2',
  system: '',
  messages: [{ role: 'user' as const, text: 'Hello' }],
  tools: [],
  max_tokens: 1_024,
  context_tokens: 65_536,
}

describe('pulling', () => {
  test.each([undefined, 1, 7])('R6 follows a pull to its end, in pieces of %s bytes', async (split_bytes) => {
    const double = await ollamaDouble({
      queue: [{ kind: 'answer', ...(split_bytes === undefined ? {} : { split_bytes }) }],
    })
    const seen: PullProgress[] = []
    const server = createOllamaServer(double.url)
    expect((await server.pull('qwen3:8b', (progress) => seen.push(progress), signal)).ok).toBe(true)
    expect(seen[0]).toMatchObject({ status: 'pulling manifest', total_bytes: 0 })
    const shares = seen.filter(({ total_bytes }) => total_bytes > 0).map((p) => p.completed_bytes / p.total_bytes)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares.at(-1)).toBe(1)
    expect(seen.at(-1)?.status).toBe('success')
  })

  const broken: [Behaviour['kind'], string, RegExp][] = [
    ['no_model', 'unavailable', /could not pull qwen3:8b.*file does not exist/],
    ['stream_cut', 'truncated', /cut/],
    ['stream_end', 'truncated', /cut/],
  ]
  test.each(broken)('R6 never takes %s for a model that is there', async (kind, expected, why) => {
    const double = await ollamaDouble({ queue: [{ kind }] })
    const pulled = await createOllamaServer(double.url).pull('qwen3:8b', () => undefined, signal)
    expect(pulled).toMatchObject({ ok: false, fault: { kind: expected, message: expect.stringMatching(why) } })
  })

  test('R6 the whole core: a pull shows its progress, and its model works at once', async () => {
    const double = await ollamaDouble({ models: ['nomic-embed-text'], queue: [{ kind: 'answer', delay_ms: 5 }] })
    const bench = await coreBench({ ollama: double.url })
    const project = await bench.start([{ key: 'a', type: 'research', complexity: 'simple' }], { local_only: true })
    await bench.reaches(project.id, 'waiting')

    const told: string[] = []
    const stop = new AbortController()
    const listening = (async () => {
      for await (const item of bench.core.events.stream({}, stop.signal)) {
        if (item.kind === 'delta' && item.delta.type === 'model.pull') told.push(item.delta.pull.state)
      }
    })()
    expect(bench.core.models.pull('llama3.2').state).toBe('running')
    expect(bench.core.models.pull('llama3.2:latest').model).toBe('llama3.2')
    await eventually('the model', () => bench.core.models.pulls()[0]?.state === 'succeeded')
    await bench.reaches(project.id, 'succeeded')
    stop.abort()
    await listening
    expect(bench.core.models.pulls()).toHaveLength(1)
    expect(double.record.calls.filter((call) => call.path === '/api/pull')).toHaveLength(1)
    expect(told[0]).toBe('running')
    expect(told.at(-1)).toBe('succeeded')
  })

  test('R6 a pull whose line stands still shows how far it came', async () => {
    const double = await ollamaDouble({ queue: [{ kind: 'stall' }] })
    const bench = await coreBench({ ollama: double.url })
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    let told: ModelPull | undefined
    void (async () => {
      for await (const item of bench.core.events.stream({}, stop.signal)) {
        if (item.kind === 'delta' && item.delta.type === 'model.pull') told = item.delta.pull
      }
    })()
    bench.core.models.pull('qwen3:8b')
    // The double sends three quarters of the model and then falls silent.
    await expect.poll(() => told && told.completed_bytes / told.total_bytes).toBeCloseTo(0.75)
    expect(told).toMatchObject({ state: 'running', detail: expect.stringMatching(/^pulling [0-9a-f]{12}$/) })
  })

  test('R6 a pull can be cancelled and says so', async () => {
    const double = await ollamaDouble({ queue: [{ kind: 'stall' }] })
    const bench = await coreBench({ ollama: double.url })
    bench.core.models.pull('qwen3:8b')
    await eventually('the first bytes', () => (bench.core.models.pulls()[0]?.total_bytes ?? 0) > 0)
    must(bench.core.models.cancelPull('qwen3:8b'))
    await eventually('the end', () => bench.core.models.pulls()[0]?.state === 'cancelled')
    expect(bench.core.models.cancelPull('qwen3:8b').ok).toBe(false)
  })
})

describe('what is loaded', () => {
  test('H1 E7 tells what is in memory, with which window and until when', async () => {
    const double = await ollamaDouble()
    const server = createOllamaServer(double.url)
    expect(await server.loaded(signal)).toEqual({ ok: true, value: [] })
    const windows = createWindowChooser(server, async () => 8 * 1_073_741_824)
    const provider = createOllamaProvider({ host: () => double.url, windows })
    const reply = await provider.complete(ASK, { signal, onDelta: () => undefined })
    expect(reply.ok).toBe(true)
    const chat = double.record.calls.findLast((call) => call.path === '/api/chat')
    const num_ctx = (chat?.body as { options: { num_ctx: number } } | undefined)?.options.num_ctx ?? 0
    // Eight gigabytes hold the weights and less than half of the wanted window.
    expect(num_ctx).toBeLessThan(65_536)
    expect(num_ctx).toBeGreaterThan(8_192)

    const bench = await coreBench({ ollama: double.url })
    const [loaded] = must(await bench.core.models.loaded())
    expect(loaded).toMatchObject({ model: 'llama3.2:latest', context_tokens: num_ctx })
    expect(Date.parse(loaded?.expires_at ?? '')).toBeGreaterThan(0)
  })

  test('E7 a model too big for the card still gets a window, and a prompt that does not fit fails loudly', async () => {
    const double = await ollamaDouble()
    const windows = createWindowChooser(createOllamaServer(double.url), async () => 1_000_000)
    const provider = createOllamaProvider({ host: () => double.url, windows })
    const system = 'owl '.repeat(20_000)
    const reply = await provider.complete({ ...ASK, system }, { signal, onDelta: () => undefined })
    expect(reply).toMatchObject({ ok: false, fault: { kind: 'context_too_long' } })
    expect(double.record.calls.at(-1)?.body).toMatchObject({ options: { num_ctx: 8_192 } })
  })
})

describe('the window of a model', () => {
  const GIB = 1_073_741_824
  const nobodyTells = async () => null
  /** Loads a model as another program would. */
  async function load(double: Double, model: string, num_ctx: number): Promise<void> {
    const body = JSON.stringify({ model, messages: [], options: { num_ctx } })
    await (await fetch(`${double.url}/api/chat`, { method: 'POST', body })).json()
  }

  test('E7 stays while the model is loaded, so that nothing is loaded anew', async () => {
    const double = await ollamaDouble()
    let free = 8 * GIB
    const windows = createWindowChooser(createOllamaServer(double.url), async () => free)
    const first = await windows.choose('llama3.2', 65_536, signal)
    expect(first).toBeLessThan(65_536)
    await load(double, 'llama3.2', first)
    free = 1 * GIB
    expect(await windows.choose('llama3.2', 65_536, signal)).toBe(first)
    const another = createWindowChooser(createOllamaServer(double.url), async () => free)
    expect(await another.choose('llama3.2', 65_536, signal)).not.toBe(first)
  })

  test('E7 is the larger one that somebody else has loaded, and replaces a smaller one', async () => {
    const double = await ollamaDouble()
    const windows = createWindowChooser(createOllamaServer(double.url), nobodyTells)
    await load(double, 'llama3.2', 32_768)
    expect(await windows.choose('llama3.2', 16_384, signal)).toBe(32_768)
    await load(double, 'llama3.2', 4_096)
    expect(await windows.choose('llama3.2', 16_384, signal)).toBe(16_384)
  })

  test('E7 counts the memory of loaded models as free, since the server makes room', async () => {
    const double = await ollamaDouble({ models: ['llama3.2', 'other'] })
    const windows = createWindowChooser(createOllamaServer(double.url), async () => 4 * GIB)
    const alone = await windows.choose('llama3.2', 65_536, signal)
    await load(double, 'other', 4_096)
    expect(await windows.choose('llama3.2', 65_536, signal)).toBeGreaterThan(alone)
  })

  test('E7 asks once how large a model is, and again after it was pulled anew', async () => {
    const double = await ollamaDouble()
    const windows = createWindowChooser(createOllamaServer(double.url), nobodyTells)
    const asked = () => double.record.calls.filter((call) => call.path === '/api/show').length
    await windows.choose('llama3.2', 16_384, signal)
    await windows.choose('llama3.2', 16_384, signal)
    expect(asked()).toBe(1)
    windows.forget('llama3.2:latest')
    await windows.choose('llama3.2', 16_384, signal)
    expect(asked()).toBe(2)
  })

  test('E7 is what is wanted where the server does not answer', async () => {
    const double = await ollamaDouble()
    await double.close()
    const windows = createWindowChooser(createOllamaServer(double.url), async () => GIB)
    expect(await windows.choose('llama3.2', 16_384, signal)).toBe(16_384)
  })
})

describe('thinking', () => {
  test.each([undefined, 3])('R1 shows thoughts apart from the answer, in pieces of %s bytes', async (split_bytes) => {
    const how: Behaviour = { kind: 'answer', text: 'Hoot. 🦉', ...(split_bytes === undefined ? {} : { split_bytes }) }
    const double = await ollamaDouble({ thinks: 'Käuze rufen 🦉 nachts. '.repeat(8), queue: [how] })
    const deltas: ModelDelta[] = []
    const provider = createOllamaProvider({ host: () => double.url })
    const reply = await provider.complete(ASK, { signal, onDelta: (delta) => void deltas.push(delta) })
    expect(reply).toMatchObject({ ok: true, text: 'Hoot. 🦉' })
    const thoughts = deltas.filter((delta) => delta.kind === 'thinking').map((delta) => delta.text)
    expect(thoughts.join('')).toBe('Käuze rufen 🦉 nachts. '.repeat(8))
  })
})

describe('embedding', () => {
  test('R1 gives one vector for each text, near for texts that say the like', async () => {
    const double = await ollamaDouble()
    const server = createOllamaServer(double.url)
    const texts = ['The owl flies at night', 'At night flies the owl', 'Taxes are due in May']
    const answer = await server.embed('nomic-embed-text', texts, signal)
    if (!answer.ok) throw new Error(answer.fault.message)
    const [a = [], b = [], c = []] = answer.value.vectors
    const near = (left: number[], right: number[]) => left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0)
    expect(answer.value.vectors).toHaveLength(3)
    expect(near(a, b)).toBeGreaterThan(near(a, c))
    expect(answer.value.tokens).toBeGreaterThan(0)
    expect(double.record.calls[0]?.body).toMatchObject({ truncate: false })
  })

  test('R1 says that an embedding model is missing, and how to get it', async () => {
    const double = await ollamaDouble({ models: [] })
    const answer = await createOllamaServer(double.url).embed('nomic-embed-text', ['a'], signal)
    expect(answer).toMatchObject({
      ok: false,
      fault: { kind: 'unavailable', message: expect.stringContaining('pull') },
    })
  })
})

describe('what leaves this machine', () => {
  test('R6 models that Ollama sends to its cloud are left out, said so, and never asked', async () => {
    const cloud = { 'gpt-oss:120b-cloud': 'gpt-oss:120b', 'my-helper': 'kimi-k2' }
    const double = await ollamaDouble({ cloud })
    const provider = createOllamaProvider({ host: () => double.url })
    const health = await provider.check(signal)
    expect(health).toMatchObject({ state: 'healthy', models: ['llama3.2:latest', 'nomic-embed-text:latest'] })
    expect(health.detail).toMatch(/Left out, because.*cloud: gpt-oss:120b-cloud, my-helper:latest\./)
    for (const model of ['gpt-oss:120b-cloud', 'kimi-k2:cloud', 'my-helper', 'my-helper:latest']) {
      const reply = await provider.complete({ ...ASK, model }, { signal, onDelta: () => undefined })
      expect(reply).toMatchObject({ ok: false, fault: { message: expect.stringMatching(/to its cloud/) } })
    }
    expect(double.record.calls.filter(({ path }) => path === '/api/chat')).toEqual([])
    const bare = await ollamaDouble({ models: [], cloud })
    expect(await createOllamaProvider({ host: () => bare.url }).check(signal)).toMatchObject({
      state: 'degraded',
      models: [],
      detail: expect.stringMatching(/no model yet.*Left out/),
    })
  })

  test('R6 the setup names what it leaves out, and the sample cannot go there', async () => {
    const double = await ollamaDouble({ models: [], cloud: { 'gpt-oss:120b-cloud': 'gpt-oss:120b' } })
    const bench = await coreBench({ ollama: double.url })
    await eventually('what Ollama has', () =>
      bench.core.services.list().some(({ name, state }) => name === 'ollama' && state === 'degraded'),
    )
    expect(bench.core.models.list().filter(({ provider }) => provider === 'ollama')).toEqual([])
    const project = await bench.start([{ key: 'a', type: 'research', complexity: 'simple' }], { local_only: true })
    await bench.reaches(project.id, 'waiting')
    expect(double.record.calls.filter(({ path }) => path === '/api/chat')).toEqual([])
  })

  test('R6 a redirect takes no prompt to another server, and the reason is told', async () => {
    const asked: string[] = []
    const elsewhere = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('{"models":[]}')
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const gate = createServer((request, response) => {
      response.writeHead(307, { location: `${urlOf(elsewhere)}${request.url ?? ''}` }).end()
    }).listen(0, '127.0.0.1')
    await once(gate, 'listening')
    onTestFinished(() => {
      gate.close()
      elsewhere.close()
    })
    const provider = createOllamaProvider({ host: () => urlOf(gate) })
    const why = /HTTP 307.*leads on to another address.*Redirects are not followed/
    const reply = await provider.complete(ASK, { signal, onDelta: () => undefined })
    expect(reply).toMatchObject({ ok: false, fault: { kind: 'auth', message: expect.stringMatching(why) } })
    expect(await provider.check(signal)).toMatchObject({ state: 'down', detail: expect.stringMatching(why) })
    const vectors = await createOllamaServer(urlOf(gate)).embed('nomic-embed-text', ['a secret'], signal)
    expect(vectors).toMatchObject({ ok: false, fault: { message: expect.stringMatching(why) } })
    expect(asked).toEqual([])
  })
})

function urlOf(server: Server): string {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}
