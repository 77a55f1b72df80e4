import { connect, type Socket } from 'node:net'
import { createParser } from 'eventsource-parser'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import WebSocket from 'ws'
import { z } from 'zod'
import { storedEvent } from '../../src-contract/event.ts'
import { type StreamItem, streamItem } from '../../src-contract/stream-item.ts'
import { AUTH, rawRequest, type ServedCore, serveCore, TOKEN } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

const made = z.object({ id: z.string() })
const ticketed = z.object({ ticket: z.string() })

async function newProject(name: string): Promise<string> {
  return made.parse(await (await served.post('/api/projects', { requirements: 'One bird.', name })).json()).id
}
const rename = (id: string, name: string) =>
  served.call(`/api/projects/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
const ticket = async () =>
  ticketed.parse(await (await served.call('/api/auth/stream-ticket', { method: 'POST' })).json()).ticket

/** A stream read over a socket of its own, as bytes come. */
interface Line {
  readonly socket: Socket
  readonly seqs: number[]
  lastId: string
  status: number
  isClosed: boolean
}

/** `at` is the server's address and the path asked for. */
function openLine(path: string, headers: Readonly<Record<string, string>> = AUTH): Line {
  const socket = connect(served.port, '127.0.0.1')
  const line: Line = { socket, seqs: [], lastId: '', status: 0, isClosed: false }
  onTestFinished(() => void socket.destroy())
  const parser = createParser({
    onEvent({ event, id, data }) {
      if (event !== 'event') return
      line.seqs.push(storedEvent.parse(JSON.parse(data)).seq)
      line.lastId = id ?? line.lastId
    },
  })
  let head = ''
  let rest = ''
  const decoder = new TextDecoder()
  const feed = (bytes: string): void => {
    rest += bytes
    // Chunked: a length in hex, the bytes, over and over. All of ours are ASCII.
    for (;;) {
      const found = /^([0-9a-f]+)\r\n/.exec(rest)
      if (found === null) return
      const from = found[0].length
      const length = Number.parseInt(found[1] ?? '0', 16)
      if (rest.length < from + length + 2) return
      parser.feed(rest.slice(from, from + length))
      rest = rest.slice(from + length + 2)
    }
  }
  socket.on('data', (chunk: Buffer) => {
    const bytes = decoder.decode(chunk, { stream: true })
    if (line.status !== 0) return feed(bytes)
    head += bytes
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    line.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
    feed(head.slice(end + 4))
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    line.isClosed = true
  })
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return line
}

const isOpen = (line: Line) => expect.poll(() => line.status).toBe(200)
const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)
const seqOf = (id: string) => Number(id.split('-')[1])

interface Talk {
  readonly socket: WebSocket
  readonly items: StreamItem[]
  readonly closed: Promise<{ code: number; words: string }>
}

/** A web socket that has been let in. */
async function talk(query = '', headers: Readonly<Record<string, string>> = AUTH): Promise<Talk> {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/ws${query}`, { headers })
  onTestFinished(() => socket.terminate())
  const items: StreamItem[] = []
  socket.on('message', (data) => items.push(streamItem.parse(JSON.parse(String(data)))))
  const closed = new Promise<{ code: number; words: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, words: String(reason) }))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { socket, items, closed }
}

const eventsOf = ({ items }: Talk) => items.flatMap((item) => (item.kind === 'event' ? [item.event] : []))

test('A4 600 readers each get every event once and in order, over a cut and a resume', {
  timeout: 120_000,
}, async () => {
  const start = served.core.events.lastId()
  const id = await newProject('crowd')
  const readers = Array.from({ length: 600 }, () => openLine(`/sse/events?from=${start}`))
  for (const line of readers) await isOpen(line)
  for (let count = 0; count < 5; count++) await rename(id, `one ${count}`)
  const middle = seqOf(served.core.events.lastId())
  const first = upTo(seqOf(start) + 1, middle)
  await expect.poll(() => readers.every(({ seqs }) => seqs.length >= first.length)).toBe(true)
  for (const line of readers) line.socket.destroy()
  // What happens while they are away, is with them when they come back.
  for (let count = 0; count < 5; count++) await rename(id, `two ${count}`)
  const again = readers.map(({ lastId }) => openLine('/sse/events', { ...AUTH, 'last-event-id': lastId }))
  for (const line of again) await isOpen(line)
  for (let count = 0; count < 5; count++) await rename(id, `three ${count}`)
  const all = upTo(seqOf(start) + 1, seqOf(served.core.events.lastId()))
  const heard = (index: number) => [...(readers[index]?.seqs ?? []), ...(again[index]?.seqs ?? [])]
  await expect.poll(() => again.every((_, index) => heard(index).length >= all.length)).toBe(true)
  for (const index of readers.keys()) expect(heard(index)).toEqual(all)
})

test('A2 the same stream is at every one of its addresses', async () => {
  const start = served.core.events.lastId()
  await newProject('places')
  const lines = [
    ...['/sse/events', '/api/sse/events', '/api/events/stream'].map((path) => openLine(`${path}?after=${start}`)),
    openLine(`/sse/events?from=${start}`),
    openLine(`/sse/events?from=00000000-0`, { ...AUTH, 'last-event-id': start }),
    openLine(`/sse/events?from=${start}&token=${await ticket()}`, {}),
  ]
  const last = seqOf(served.core.events.lastId())
  for (const line of lines) await expect.poll(() => line.seqs.at(-1)).toBe(last)
  for (const { seqs } of lines) expect(seqs).toEqual(upTo(seqOf(start) + 1, last))
})

test('A4 a user has a bounded number of streams open, and is told so', async () => {
  const before = served.core.settings.get().max_streams
  await served.core.settings.change({ max_streams: 2 })
  onTestFinished(async () => void (await served.core.settings.change({ max_streams: before })))
  const user = await served.post('/api/tokens', { name: 'bounded', scopes: ['read'] })
  const { token } = z.object({ token: z.string() }).parse(await user.json())
  const bearer = { authorization: `Bearer ${token}` }
  await expect.poll(async () => metric('orch_sse_connections_active')).toBe(0)
  const first = openLine('/sse/events', bearer)
  await isOpen(first)
  await talk('', bearer)
  const refused = await rawRequest(served.port, { path: '/sse/events', headers: { host: '127.0.0.1', ...bearer } })
  expect([refused.status, refused.body]).toEqual([429, expect.stringContaining('max_streams')])
  expect(await refusedUpgrade({ host: '127.0.0.1', ...bearer })).toBe(429)
  first.socket.destroy()
  await expect.poll(async () => metric('orch_sse_connections_active')).toBe(1)
  await isOpen(openLine('/sse/events', bearer))
})

async function metric(name: string): Promise<number> {
  const text = await (await served.call('/metrics')).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  )
}

test('A2 a web socket gets what a stream of SSE gets, and goes on after an id', async () => {
  const start = served.core.events.lastId()
  const id = await newProject('talked about')
  const first = await talk(`?after=${start}`)
  const last = () => seqOf(served.core.events.lastId())
  await expect.poll(() => eventsOf(first).at(-1)?.seq).toBe(last())
  await rename(id, 'again')
  await expect.poll(() => eventsOf(first).at(-1)?.seq).toBe(last())
  expect(eventsOf(first).map(({ seq }) => seq)).toEqual(upTo(seqOf(start) + 1, last()))
  const cut = eventsOf(first)[0]?.id ?? ''
  first.socket.terminate()
  const second = await talk(`?from=${cut}&token=${await ticket()}`, {})
  await expect.poll(() => eventsOf(second).at(-1)?.seq).toBe(last())
  expect(eventsOf(second).map(({ seq }) => seq)).toEqual(upTo(seqOf(cut) + 1, last()))
})

test('A2 a web socket may go on after another id, and ask whether it lives', async () => {
  const start = served.core.events.lastId()
  await newProject('asked for')
  const { socket, items } = await talk()
  socket.send(JSON.stringify({ type: 'ping' }))
  await expect.poll(() => items.map(({ kind }) => kind)).toEqual(['heartbeat'])
  socket.send(JSON.stringify({ after: start }))
  const wanted = upTo(seqOf(start) + 1, seqOf(served.core.events.lastId()))
  const seqs = () => items.flatMap((item) => (item.kind === 'event' ? [item.event.seq] : []))
  await expect.poll(() => seqs().length).toBe(wanted.length)
  expect(seqs()).toEqual(wanted)
})

test.each([
  ['no JSON', 'hello', 1008],
  ['another wish', '{"type":"approve"}', 1008],
  ['more than a reader has to say', JSON.stringify({ after: 'x'.repeat(2_000) }), 1009],
])('A2 a web socket on which comes %s is closed', async (_, words, code) => {
  const { socket, closed } = await talk()
  socket.send(words)
  expect((await closed).code).toBe(code)
})

test.each<[string, (socket: WebSocket) => void]>([
  ['questions', (socket) => socket.send('{"type":"ping"}')],
  ['wishes', (socket) => socket.send('{"after":"00000000-0"}')],
  ['pings of the protocol', (socket) => socket.ping()],
])('A4 a web socket that comes with a flood of %s is closed, and not answered for ever', async (_, say) => {
  const { socket, closed, items } = await talk()
  let pongs = 0
  socket.on('pong', () => pongs++)
  for (let count = 0; count < 500; count++) say(socket)
  expect((await closed).code).toBe(1008)
  expect(items.filter(({ kind }) => kind === 'heartbeat').length + pongs).toBeLessThan(100)
})

test('A2 a web socket that pings is answered', async () => {
  const { socket } = await talk()
  const answered = new Promise<string>((resolve) => socket.once('pong', (data) => resolve(String(data))))
  socket.ping('still there?')
  expect(await answered).toBe('still there?')
})

test('A4 S4 who is refused a web socket cannot hold the line by keeping their side of it open', async () => {
  const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  const answered = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += String(chunk)
    })
    socket.on('end', () => resolve(text))
  })
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  expect(await answered).toContain('401')
  const faults: string[] = []
  socket.on('error', (fault: NodeJS.ErrnoException) => faults.push(fault.code ?? ''))
  // A line that is gone answers a byte with a reset; one that is held takes it.
  await expect
    .poll(() => {
      socket.write('x')
      return faults.some((code) => code === 'EPIPE' || code === 'ECONNRESET')
    })
    .toBe(true)
})

/** Asks for a web socket with exactly these headers; answers the status of the refusal. */
async function refusedUpgrade(headers: Readonly<Record<string, string>>, path = '/ws'): Promise<number> {
  const given = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const key = { 'sec-websocket-key': Buffer.alloc(16).toString('base64') }
  const { status } = await rawRequest(served.port, { path, headers: { ...given, ...key, ...headers } })
  return status
}

test('A2 S4 a web socket is checked as any request, before it is one', async () => {
  const host = { host: `127.0.0.1:${served.port}` }
  expect(await refusedUpgrade({ host: 'evil.example', ...AUTH })).toBe(403)
  expect(await refusedUpgrade({ ...host, ...AUTH, origin: 'http://evil.example' })).toBe(403)
  expect(await refusedUpgrade({ ...host, ...AUTH, origin: 'null' })).toBe(403)
  expect(await refusedUpgrade(host)).toBe(401)
  expect(await refusedUpgrade({ ...host, authorization: 'Bearer wrong' })).toBe(401)
  expect(await refusedUpgrade(host, '/ws?token=made-up')).toBe(401)
  expect(await refusedUpgrade(host, '/nothing')).toBe(401)
  expect(await refusedUpgrade({ ...host, ...AUTH }, '/nothing')).toBe(404)
  expect(await refusedUpgrade({ ...host, ...AUTH }, '/ws?project_id=nonsense')).toBe(400)
  const plain = await rawRequest(served.port, { path: '/ws', headers: { ...host, ...AUTH } })
  expect([plain.status, plain.body]).toEqual([400, expect.stringContaining('ws://')])
  const once = await ticket()
  await talk(`?token=${once}`, {})
  expect(await refusedUpgrade(host, `/ws?token=${once}`)).toBe(401)
  // A page of our own is let in.
  await talk('', { ...AUTH, origin: `http://127.0.0.1:${served.port}` })
})

test('A2 S6 a web socket ends where its token is revoked, and says so', async () => {
  const own = await served.post('/api/tokens', { name: 'socket', scopes: ['read'] })
  const { token, id } = z.object({ token: z.string(), id: z.string() }).parse(await own.json())
  const { closed, items } = await talk('', { authorization: `Bearer ${token}` })
  await served.call(`/api/tokens/${id}`, { method: 'DELETE' })
  // At once, without anything to tell.
  expect((await closed).code).toBe(4403)
  expect(items).toEqual([])
})

test('A2 E8 streams and web sockets end as Baton does, and say so', async () => {
  const other = await serveCore()
  let isClosed = false
  const close = async (): Promise<void> => {
    if (!isClosed) await other.close()
    isClosed = true
  }
  onTestFinished(close)
  const socket = new WebSocket(`ws://127.0.0.1:${other.port}/ws`, { headers: { authorization: `Bearer ${TOKEN}` } })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const ended = new Promise<number>((resolve) => socket.once('close', resolve))
  const stream = await other.call('/sse/events')
  const text = stream.text()
  await close()
  expect(await ended).toBe(1001)
  expect(await text).toBe('')
})
