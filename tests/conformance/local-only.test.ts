import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

/** Where a socket of this process went, by name or address. */
const destinations: string[] = []
function onSocket(message: unknown): void {
  const { socket } = message as { socket: Socket }
  socket.on('lookup', (_fault, _address, _family, host) => void destinations.push(host))
  socket.on('connect', () => void destinations.push(socket.remoteAddress ?? ''))
}
beforeEach(() => {
  destinations.length = 0
  subscribe('net.client.socket', onSocket)
})
afterEach(() => void unsubscribe('net.client.socket', onSocket))

interface Counter {
  readonly url: string
  bytes(): number
}

/** Stands where a paid provider would be, counts every byte that reaches it, and accepts any key. */
async function paidHost(): Promise<Counter> {
  let bytes = 0
  const body = '{"data":[],"models":[],"has_more":false,"first_id":null,"last_id":null}'
  const server: Server = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    })
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup(async () => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bytes: () => bytes }
}

const ALL_TIERS = [
  { key: 'a', tier: 'local' },
  { key: 'b', tier: 'fast', depends_on: ['a'] },
  { key: 'c', tier: 'strong', depends_on: ['a'] },
] as const

function tasks() {
  return ALL_TIERS.map((task) => ({ ...task, depends_on: 'depends_on' in task ? [...task.depends_on] : [] }))
}

test('R7 where everything is local-only, no byte reaches a paid host, from the start on', async () => {
  const [anthropic, google] = [await paidHost(), await paidHost()]
  const ollama = await ollamaDouble()
  const bench = await coreBench({
    anthropic,
    ollama: ollama.url,
    google,
  })
  must(await bench.core.settings.change({ local_only: true }))
  // The keys were looked at before: the counters count.
  const before = [anthropic.bytes(), google.bytes()]
  expect(Math.min(...before)).toBeGreaterThan(0)
  destinations.length = 0

  await bench.reopen()
  const planned = await bench.plan('Write notes about owls')
  expect(planned.state).toBe('awaiting_approval')
  const { id } = await bench.start(tasks())
  // Letting work go on has services asked that are down.
  await bench.core.projects.resume(id)
  await bench.reaches(id, 'succeeded')
  expect(await bench.core.services.check('anthropic')).toMatchObject({ ok: false, error: { code: 'conflict' } })

  expect([anthropic.bytes(), google.bytes()]).toEqual(before)
  expect(bench.tasks(id).every((task) => task.paid === false)).toBe(true)
  expect(destinations.length).toBeGreaterThan(0)
  const elsewhere = destinations.filter((host) => !/^(127\.0\.0\.1|localhost|::1|::ffff:127\.0\.0\.1)$/.test(host))
  expect(elsewhere).toEqual([])
})

test('R7 a local-only project sends no byte to a paid host, whatever its tasks ask for', async () => {
  const anthropic = await paidHost()
  const ollama = await ollamaDouble()
  const bench = await coreBench({ anthropic, ollama: ollama.url })
  const before = anthropic.bytes()
  const { id } = await bench.start(tasks(), { local_only: true })
  await bench.reaches(id, 'succeeded')
  expect(anthropic.bytes()).toBe(before)
  const run = must(bench.core.tasks.runs(bench.task(id, 'c').id)).items.at(-1)
  expect(run?.route_reason).toMatch(/Work stays local here/)
})

test('R7 a lock that is set while a task works on a paid model stops its next call, and a local one goes on', async () => {
  const anthropic = await anthropicDouble({
    queue: [{ kind: 'answer', start_delay_ms: 3_000, tool_calls: [{ name: 'list_files', arguments: {} }] }],
  })
  const ollama = await ollamaDouble()
  const bench = await coreBench({ anthropic, ollama: ollama.url })
  const { id } = await bench.start([{ key: 'a', tier: 'fast' }])
  await eventually('the paid call', () => asked(anthropic).length === 1)
  must(await bench.core.projects.change(id, { local_only: true }))
  await bench.reaches(id, 'succeeded')
  expect(asked(anthropic)).toHaveLength(1)
  expect(asked(ollama).length).toBeGreaterThan(0)
  const run = must(bench.core.tasks.runs(bench.task(id, 'a').id)).items.at(-1)
  expect(run).toMatchObject({ paid: false, state: 'succeeded' })
})
