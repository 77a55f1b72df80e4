import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultOf } from '../attack/judge-answer.ts'
import { head, speak, speakAll } from '../attack/raw-line.ts'
import { routesOf } from '../attack/victim.ts'
import { type ServedCore, serveCore, TOKEN } from './served-core.ts'

const LOGIN = `Authorization: Bearer ${TOKEN}`
let served: ServedCore
let host: string
/** Every route of the document, those that answer at the root, public ones, and places where nothing is. */
let places: { method: string; path: string }[]

beforeAll(async () => {
  served = await serveCore()
  host = `127.0.0.1:${served.port}`
  const described = (await routesOf(served.url, TOKEN)).map(({ method, path }) => ({
    method,
    path: `/api${path.replaceAll(/\{\w+\}/g, 'x')}`,
  }))
  expect(described.length).toBeGreaterThan(130)
  const others = [
    '/',
    '/health',
    '/metrics',
    '/runs',
    '/runs/x',
    '/runs/x/events/stream',
    '/tasks/x/runs',
    '/ws',
    '/assets/main-abc.js',
  ]
  const unknown = ['/api', '/api/', '/api/nothing', '/nothing', '/favicon.ico', '//', '/api/openapi.json', '/api/docs']
  places = [
    ...described,
    ...[...others, ...unknown].map((path) => ({ method: 'GET', path })),
    ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PURGE'].map((method) => ({
      method,
      path: '/api/projects',
    })),
  ]
})
afterAll(() => served.close())

const lastEvent = async () =>
  ((await (await served.call('/api/status')).json()) as { last_event_id: string }).last_event_id

/** Hosts under which a foreign page might have reached this port, and spellings that a careless look takes for ours. */
const HOSTS: readonly string[] = [
  'evil.example',
  'evil.example:PORT',
  'localhost.evil.example',
  'localhost.evil.example:PORT',
  '127.0.0.1.evil.example',
  '127.0.0.1.nip.io:PORT',
  'evil-localhost',
  'notlocalhost:PORT',
  'localhost.',
  'localhost.:PORT',
  'localhost@evil.example',
  'evil.example#localhost',
  'localhost:PORT@evil.example',
  'user@localhost:PORT',
  'localhost:PORT, evil.example',
  'evil.example, localhost:PORT',
  'localhost:',
  'localhost:port',
  'localhost:PORT:1',
  'local host',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.0.0.1.',
  '0.0.0.0:PORT',
  '[::]:PORT',
  '[::ffff:127.0.0.1]:PORT',
  '[0:0:0:0:0:0:0:1]:PORT',
  '::1',
  '[::1',
  '[::1%25lo]:PORT',
  '10.0.0.1:PORT',
  '169.254.169.254',
  'ⅼocalhost',
  'loc\talhost',
  'baton.localhost:PORT',
  '',
]
const ORIGINS: readonly string[] = [
  'null',
  'NULL',
  'http://evil.example',
  'https://127.0.0.1:PORT',
  'http://127.0.0.1',
  'http://localhost:PORT',
  'http://127.0.0.1:1',
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1:PORT.evil.example',
  'http://127.0.0.1:PORT@evil.example',
  'HTTP://127.0.0.1:PORT',
  'file://',
  'app://baton',
  'chrome-extension://abcdef',
  '127.0.0.1:PORT',
  'http://127.0.0.1:PORT http://evil.example',
]

/** In place of a status: the line was ended without a word. */
const ENDED = 0
const atPort = (text: string) => text.replaceAll('PORT', String(served.port))

/** Sends each place under each forgery, with the owner's own secret, and looks that all of it is refused. */
async function allRefused(
  forgeries: readonly { name: string; lines: readonly string[] }[],
  expected: readonly number[],
): Promise<void> {
  const before = await lastEvent()
  const wrong: string[] = []
  for (const { name, lines } of forgeries) {
    const requests = places.map(({ method, path }) => ({ method, bytes: head(method, path, [...lines, LOGIN]) }))
    const answers = await speakAll(served.port, requests)
    places.forEach(({ method, path }, at) => {
      const answer = answers[at] ?? null
      const isRefused = answer !== null && expected.includes(answer.status)
      if (isRefused && (method === 'HEAD' || faultOf(answer) === null)) return
      wrong.push(`${name}: ${method} ${path} -> ${answer?.status} ${answer?.body.slice(0, 200)}`)
    })
  }
  expect(wrong).toEqual([])
  expect(await lastEvent()).toBe(before)
}

test(`S4 no route answers under any of ${HOSTS.length} forged hosts, whoever asks`, async () => {
  await allRefused(
    HOSTS.map((forged) => ({ name: `Host ${forged}`, lines: [`Host: ${atPort(forged)}`] })),
    [400, 403],
  )
})

test(`S4 no route answers a page of any of ${ORIGINS.length} foreign origins, whoever asks`, async () => {
  await allRefused(
    ORIGINS.map((origin) => ({ name: `Origin ${origin}`, lines: [`Host: ${host}`, `Origin: ${atPort(origin)}`] })),
    [403],
  )
})

test('S4 no route answers where two places of a request disagree on the host', async () => {
  await allRefused(
    [
      { name: 'two hosts', lines: [`Host: ${host}`, 'Host: evil.example'] },
      { name: 'two hosts, ours last', lines: ['Host: evil.example', `Host: ${host}`] },
      { name: 'forwarded', lines: ['Host: evil.example', `X-Forwarded-Host: ${host}`, `Forwarded: host=${host}`] },
    ],
    [400, 403],
  )
  const lines = [LOGIN, 'Connection: close']
  for (const [target, ...more] of [
    ['http://evil.example/api/projects', `Host: ${host}`],
    [`http://evil.example:${served.port}/api/projects`, `Host: ${host}`],
    [`http://user@evil.example/api/projects`, `Host: ${host}`],
    [`http://${host}/api/projects`, 'Host: evil.example'],
    [`http://localhost@evil.example/api/projects`, `Host: ${host}`],
  ] as const) {
    const answer = await speak(served.port, head('GET', target, [...more, ...lines]))
    expect([400, 403], target).toContain(answer?.status)
  }
  // What is said in front of a forged host is not believed either.
  expect(
    (
      await speak(
        served.port,
        head('GET', '/api/projects', [`X-Forwarded-Host: evil.example`, `Host: ${host}`, ...lines]),
      )
    )?.status,
  ).toBe(200)
  expect(
    (await speak(served.port, head('GET', `http://${host}/api/projects`, [`Host: ${host}`, ...lines])))?.status,
  ).toBe(200)
  for (const version of ['1.0', '1.1']) {
    const answer = await speak(served.port, head('GET', '/api/projects', lines, version))
    expect(answer?.status, `no host, HTTP/${version}`).toBe(400)
    expect(answer === null ? 'no answer' : faultOf(answer)).toBeNull()
  }
})

test('S4 each check is asked before all later ones, on unknown places too, and nothing of a body is waited for', async () => {
  const checks = [
    { name: 'host', bad: 'Host: evil.example', good: `Host: ${host}`, status: 403 },
    { name: 'origin', bad: 'Origin: http://evil.example', good: null, status: 403 },
    { name: 'size', bad: 'Content-Length: 1000000000', good: 'Content-Length: 1000', status: 413 },
    { name: 'login', bad: 'Authorization: Bearer wrong', good: LOGIN, status: 401 },
  ] as const
  const words = [/loopback name/, /another site/, /larger than/, /needs a login/]
  for (const [method, path] of [
    ['POST', '/api/projects'],
    ['PATCH', '/api/settings'],
    ['POST', '/api/nothing'],
    ['PUT', '/nothing'],
    ['POST', '/runs'],
  ] as const) {
    for (let first = 0; first < checks.length; first++) {
      // Good up to `first`, bad in all that follows; of the body, nothing is ever sent.
      const lines = checks.map(({ bad, good }, at) => (at < first ? good : bad)).filter((line) => line !== null)
      const answer = await speak(served.port, head(method, path, [...lines, 'Content-Type: application/json']))
      expect(answer?.status, `${checks[first]?.name} at ${method} ${path}`).toBe(checks[first]?.status)
      expect(answer?.body).toMatch(words[first] ?? /never/)
    }
  }
})

test('S4 S5 a login is limited by address before its size is looked at, and refused by its size before it is read', async () => {
  const login = (bytes: number) =>
    speak(
      served.port,
      head('POST', '/api/auth/login', [`Host: ${host}`, `Content-Length: ${bytes}`, 'Content-Type: application/json']),
    )
  // The body never comes.
  expect((await login(100_000))?.status).toBe(413)
  const limits = { changes: 60, plans: 5, reads: 1_200, logins: 1 }
  await served.call('/api/settings', {
    method: 'PATCH',
    body: JSON.stringify({ rate_limits: limits }),
    headers: { 'content-type': 'application/json' },
  })
  expect((await login(100_000))?.status).toBe(429)
  await served.call('/api/settings', {
    method: 'PATCH',
    body: JSON.stringify({ rate_limits: { ...limits, logins: 10_000 } }),
    headers: { 'content-type': 'application/json' },
  })
})

test('S1 S6 another spelling of a path gives no other right and no file of elsewhere', async () => {
  const made = (await (await served.post('/api/projects', { requirements: 'One bird.' })).json()) as { id: string }
  const spellings = (path: string) => [
    path.replace('/api/', '/api//'),
    path.replace('/api/', '//api/'),
    path.replace('/api', '/API'),
    path.replace('/api', '/%61pi'),
    path.replace('/api/', '/api%2f'),
    path.replace('/api/', '/api/./'),
    path.replace('/api/', '/x/../api/'),
    path.replace('/api/', '/api/%2e/'),
    path.replace('/api/', '/api/%252e%252e/api/'),
    path.replace('/api/', '/api;x=1/'),
    path.replace('/api/', '\\api\\'),
    path.replace('/api/', '/api\\'),
    path.replace('ro', '%72o'),
    path.toUpperCase(),
    `${path}/`,
    `${path}//`,
    `${path};x`,
    `${path}%20`,
    `${path}%00`,
    `${path}.json`,
    `${path}?token=${TOKEN}`,
    `${path}#x`,
  ]
  const ask = (target: string, lines: readonly string[] = []) =>
    speak(served.port, head('GET', target, [`Host: ${host}`, ...lines, 'Connection: close']))
  for (const path of [
    '/api/projects',
    `/api/projects/${made.id}`,
    '/api/audit.jsonl',
    '/api/users',
    '/runs',
    '/metrics',
  ]) {
    for (const target of spellings(path)) {
      expect([400, 401], target).toContain((await ask(target))?.status)
      const { status } = (await ask(target, [LOGIN])) ?? {}
      expect([200, 400, 404], target).toContain(status)
    }
  }
  const { token } = (await (await served.post('/api/tokens', { name: 'reader', scopes: ['metrics'] })).json()) as {
    token: string
  }
  for (const path of [
    '/api/projects',
    '/api/users',
    '/api/audit.jsonl',
    '/api/settings',
    '/api/events/stream',
    '/api/usage.csv',
  ]) {
    for (const target of spellings(path)) {
      const { status } = (await ask(target, [`Authorization: Bearer ${token}`])) ?? {}
      // A right that is missing is told before the row or the field is looked at, however the path is spelled.
      expect([400, 403, 404], target).toContain(status)
    }
  }
  for (const file of [
    '..%2f..%2fetc/passwd',
    '%2e%2e/%2e%2e/baton.db',
    '..%5c..%5cbaton.db',
    '%252e%252e%252fbaton.db',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '....//baton.db',
    '.git/config',
    'token',
  ]) {
    const answer = await ask(`/api/projects/${made.id}/files/${file}`, [LOGIN])
    expect([400, 401, 403, 404], file).toContain(answer?.status)
    expect(answer?.body).not.toMatch(/root:|SQLite format/)
  }
})

test('S4 A3 an answer is data of one caller: its headers say so, and no header of CORS is there', async () => {
  for (const [path, lines] of [
    ['/api/projects', [LOGIN]],
    ['/api/projects', []],
    ['/health', []],
    ['/nothing', [LOGIN]],
    ['/api/openapi.json', [LOGIN]],
    ['/metrics', [LOGIN]],
  ] as const) {
    const { headers } =
      (await speak(served.port, head('GET', path, [`Host: ${host}`, `Origin: http://${host}`, ...lines]))) ?? {}
    expect(headers?.['x-content-type-options'], path).toBe('nosniff')
    expect(headers?.['content-security-policy'], path).toContain("default-src 'none'")
    expect(headers?.['cache-control'], path).toBe('no-store')
    expect(headers?.['referrer-policy'], path).toBe('no-referrer')
    expect(
      Object.keys(headers ?? {}).filter((name) => name.startsWith('access-control')),
      path,
    ).toEqual([])
    expect(headers?.['server'] ?? headers?.['x-powered-by'], path).toBeUndefined()
  }
  const preflight = [`Host: ${host}`, `Origin: http://${host}`, 'Access-Control-Request-Method: POST']
  const answer = await speak(served.port, head('OPTIONS', '/api/projects', preflight))
  expect([answer?.status, answer?.headers['access-control-allow-origin']]).toEqual([401, undefined])
})

test('A3 what is no HTTP, or has odd methods and expectations, is refused in the one shape', async () => {
  const long = 'x'.repeat(20_000)
  const all: readonly (readonly [name: string, bytes: string, ...statuses: number[]])[] = [
    ['not HTTP', 'hello\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc', 400],
    ['long address', head('GET', `/${long}`, [`Host: ${host}`]), 431],
    ['long header', head('GET', '/health', [`Host: ${host}`, `X: ${long}`]), 431],
    ['two lengths', head('POST', '/api/projects', [`Host: ${host}`, 'Content-Length: 1', 'Content-Length: 2']), 400],
    [
      'length and chunks',
      head('POST', '/api/projects', [`Host: ${host}`, LOGIN, 'Content-Length: 5', 'Transfer-Encoding: chunked']),
      400,
    ],
    ['odd coding', head('POST', '/api/projects', [`Host: ${host}`, LOGIN, 'Transfer-Encoding: xchunked']), 400, ENDED],
    ['folded header', `GET /health HTTP/1.1\r\nHost: ${host}\r\nX: a\r\n b\r\n\r\n`, 400, 200],
    ['bare line feed', `GET /health HTTP/1.1\nHost: ${host}\n\n`, 400, 200],
    ['space before colon', head('GET', '/health', [`Host : ${host}`]), 400],
    ['control character', head('GET', '/health', [`Host: ${host}`, 'X: a\0b']), 400],
    ['TRACE', head('TRACE', '/api/projects', [`Host: ${host}`, LOGIN, 'X-Secret: 1']), 404, 405],
    ['no method', head('FETCH', '/api/projects', [`Host: ${host}`, LOGIN]), 400],
    ['star', head('OPTIONS', '*', [`Host: ${host}`, LOGIN]), 400, 404],
    ['expectation', head('GET', '/api/nothing', [`Host: ${host}`, LOGIN, 'Expect: everything']), 404],
    ['version 2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ]
  for (const [name, bytes, ...statuses] of all) {
    const answer = await speak(served.port, bytes)
    expect(statuses, `${name}: ${answer?.body}`).toContain(answer?.status ?? ENDED)
    if (answer !== null) expect(faultOf(answer), name).toBeNull()
    expect(answer?.body ?? '', name).not.toContain('X-Secret')
  }
  // No tunnel is opened, whatever is said.
  const tunnel = await speak(served.port, head('CONNECT', 'evil.example:443', [`Host: ${host}`, LOGIN]))
  expect(tunnel?.status ?? 400).toBe(400)
})
