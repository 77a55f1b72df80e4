import { readdirSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { MAX_BODY_BYTES } from '../../src-main/http/body-cap.ts'
import { head, speak } from '../attack/raw-line.ts'
import { startVictim, type Victim } from '../attack/victim.ts'
import { eventually } from '../support/eventually.ts'

/** Lines of each kind that are held at once. */
const LINES_EACH = 60
/** What all of them together may cost: far more than their heads take, far less than what they announce. */
const MAX_GROWTH = 100_000_000
const ANNOUNCED = 60_000_000

let of: Victim
beforeAll(async () => {
  of = await startVictim()
  const rate_limits = { changes: 100_000, plans: 10_000, reads: 100_000, logins: 100_000, webhooks: 100_000 }
  expect((await ask('/settings', 'PATCH', { rate_limits })).status).toBe(200)
})
afterAll(() => of.close())

const ask = (path: string, method = 'GET', body?: unknown): Promise<Response> =>
  fetch(`${of.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${of.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const projects = async (): Promise<number> =>
  ((await (await ask('/projects?limit=200')).json()) as { items: unknown[] }).items.length

/** Sockets that the victim holds open; null where the system does not say. */
function socketsOf({ pid }: Victim): number | null {
  if (process.platform !== 'linux') return null
  return readdirSync(`/proc/${pid}/fd`).filter((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`).startsWith('socket:')
    } catch {
      // Closed while we looked.
      return false
    }
  }).length
}

interface Held {
  readonly kind: string
  readonly socket: Socket
  isClosed: boolean
}

const JSON_HEAD = ['Host: localhost', 'Content-Type: application/json']
const post = (path: string, ...lines: readonly string[]) => head('POST', path, [...JSON_HEAD, ...lines])
const bearer = () => `Authorization: Bearer ${of.token}`

/** How a line may be begun and never ended, and what drips on it then. */
const KINDS: Readonly<Record<string, readonly [begin: () => string, drip: string]>> = {
  'nothing at all': [() => '', ''],
  'half a head': [() => 'GET /api/projects HTTP/1.1\r\nHost: loc', ''],
  'a head byte by byte': [() => 'GET /api/projects HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'a'],
  'headers without end': [() => 'GET /api/projects HTTP/1.1\r\nHost: localhost\r\n', 'X-A: b\r\n'],
  'a login byte by byte': [() => post('/api/auth/login', 'Content-Length: 9000'), '"'],
  'a large body of nobody': [() => post('/api/projects', `Content-Length: ${ANNOUNCED}`), ' '],
  'a large body of somebody': [() => post('/api/projects', bearer(), `Content-Length: ${ANNOUNCED}`), ' '],
  'a large chunk': [() => `${post('/api/projects', bearer(), 'Transfer-Encoding: chunked')}3938700\r\n`, ' '],
  'a size of a chunk without end': [() => `${post('/api/projects', bearer(), 'Transfer-Encoding: chunked')}1;`, 'a'],
}

test('S4 A4 some hundred slow and half-open lines cost little, keep nobody out, and are ended', {
  timeout: 150_000,
}, async () => {
  // What the first of each kind loads is not what it holds.
  expect((await ask('/auth/login', 'POST', { email: 'nobody@b.org', password: 'wrong password' })).status).toBe(401)
  expect((await ask('/projects', 'POST', { requirements: 'One bird.' })).status).toBe(201)
  const memory = of.memory()
  const sockets = socketsOf(of)

  const lines: Held[] = []
  onTestFinished(() => {
    for (const { socket } of lines) socket.destroy()
  })
  for (const [kind, [begin]] of Object.entries(KINDS)) {
    for (let count = 0; count < LINES_EACH; count++) {
      const socket = connect(of.port, '127.0.0.1')
      const line: Held = { kind, socket, isClosed: false }
      socket
        .on('error', () => undefined)
        .on('close', () => {
          line.isClosed = true
        })
      socket.resume().write(begin())
      lines.push(line)
    }
  }
  const drip = setInterval(() => {
    for (const { kind, socket } of lines) if (socket.writable) socket.write(KINDS[kind]?.[1] ?? '')
  }, 100)
  onTestFinished(() => clearInterval(drip))

  for (let count = 0; count < 20; count++) expect((await ask('/projects')).status).toBe(200)
  if (memory !== null) expect((of.memory() ?? 0) - memory).toBeLessThan(MAX_GROWTH)
  if (sockets !== null) expect((socketsOf(of) ?? 0) - sockets).toBeLessThanOrEqual(lines.length + 20)

  // A head has its time, however it comes; its end needs nobody to ask for it.
  const heads = lines.filter(({ kind }) => kind.includes('head') || kind === 'nothing at all')
  await eventually('the end of those who send no head', async () => heads.every(({ isClosed }) => isClosed))
  expect((await ask('/projects', 'POST', { requirements: 'Another bird.' })).status).toBe(201)

  // Those who go leave nothing behind.
  clearInterval(drip)
  for (const { socket } of lines) socket.destroy()
  if (sockets !== null) {
    await eventually('the sockets to be let go', async () => (socketsOf(of) ?? 0) <= sockets + 20)
  }
  if (memory !== null) expect((of.memory() ?? 0) - memory).toBeLessThan(MAX_GROWTH)
  expect(of.isAlive()).toBe(true)
})

const BODY = JSON.stringify({ requirements: 'One bird in chunks.' })
const size = BODY.length.toString(16)
const chunked = (text: string, ...lines: readonly string[]) =>
  post('/api/projects', 'Transfer-Encoding: chunked', 'Connection: close', ...lines) + text

test('S4 A3 a body in chunks is taken, with an extension and trailers too; and trailers say nothing', async () => {
  const before = await projects()
  const whole = `${size}\r\n${BODY}\r\n0\r\n`
  expect((await speak(of.port, chunked(`${whole}\r\n`, bearer())))?.status).toBe(201)
  expect((await speak(of.port, chunked(`${size};a=b\r\n${BODY}\r\n0\r\n\r\n`, bearer())))?.status).toBe(201)
  const trailers = 'X-Sum: 1\r\nHost: evil.example\r\nOrigin: https://evil.example\r\n'
  expect((await speak(of.port, chunked(`${whole}${trailers}\r\n`, bearer(), 'Trailer: X-Sum')))?.status).toBe(201)
  // A login comes with the head or not at all.
  expect((await speak(of.port, chunked(`${whole}${bearer()}\r\n\r\n`, 'Trailer: Authorization')))?.status).toBe(401)
  expect(await projects()).toBe(before + 3)
})

test('S4 a body in chunks that grows too large changes nothing, though its beginning would do', async () => {
  const before = await projects()
  const more = ' '.repeat(MAX_BODY_BYTES)
  const text = `${size}\r\n${BODY}\r\n${more.length.toString(16)}\r\n${more}\r\n0\r\n\r\n`
  expect((await speak(of.port, chunked(text, bearer())))?.status).toBe(413)
  expect(await projects()).toBe(before)
})

/** Bodies in chunks that are broken, after the head. */
const BROKEN: Readonly<Record<string, () => string>> = {
  'no size': () => chunked(`${BODY}\r\n0\r\n\r\n`, bearer()),
  'a size that is no number': () => chunked(`zz\r\n${BODY}\r\n0\r\n\r\n`, bearer()),
  'a size below zero': () => chunked(`-1\r\n${BODY}\r\n0\r\n\r\n`, bearer()),
  'a size with a prefix': () => chunked(`0x${size}\r\n${BODY}\r\n0\r\n\r\n`, bearer()),
  'a size past all numbers': () => chunked(`fffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n`, bearer()),
  'a size that is too small': () => chunked(`5\r\n${BODY}\r\n0\r\n\r\n`, bearer()),
  'a line that ends with LF': () => chunked(`${size}\n${BODY}\n0\n\n`, bearer()),
  'a second length': () => chunked(`${size}\r\n${BODY}\r\n0\r\n\r\n`, bearer(), `Content-Length: ${BODY.length}`),
  'chunked twice': () => chunked(`${size}\r\n${BODY}\r\n0\r\n\r\n`, bearer(), 'Transfer-Encoding: chunked'),
  'another coding last': () => chunked(`${size}\r\n${BODY}\r\n0\r\n\r\n`, bearer(), 'Transfer-Encoding: identity'),
  'an extension without end': () => chunked(`${size};${'a'.repeat(100_000)}\r\n${BODY}\r\n0\r\n\r\n`, bearer()),
  'trailers without end': () =>
    chunked(`${size}\r\n${BODY}\r\n0\r\n${`X-A: ${'b'.repeat(1_000)}\r\n`.repeat(100)}\r\n`, bearer()),
  'a length among its trailers': () => chunked(`${size}\r\n${BODY}\r\n0\r\nContent-Length: 5\r\n\r\n`, bearer()),
  'a trailer that is none': () => chunked(`${size}\r\n${BODY}\r\n0\r\nno colon\r\n\r\n`, bearer()),
}

test.each(Object.keys(BROKEN))('S4 A3 a body in chunks with %s is refused, and nothing is done', async (kind) => {
  const before = await projects()
  const answer = await speak(of.port, BROKEN[kind]?.() ?? '')
  // Without an answer the line was ended: that is a refusal, too.
  if (answer !== null) expect([400, 413, 431], answer.body).toContain(answer.status)
  expect(await projects()).toBe(before)
  expect(of.isAlive()).toBe(true)
})

test('S4 A3 a body in chunks that breaks off is nothing that was asked', async () => {
  const before = await projects()
  for (const text of [
    '',
    size,
    `${size}\r\n`,
    `${size}\r\n${BODY}`,
    `${size}\r\n${BODY}\r\n`,
    `${size}\r\n${BODY}\r\n0\r\n`,
  ]) {
    const socket = connect(of.port, '127.0.0.1')
    const ended = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve))
    // Their side is ended, in the middle of the body.
    socket.resume().end(chunked(text, bearer()))
    await ended
  }
  expect(await projects()).toBe(before)
})
