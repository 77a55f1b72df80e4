import { isContractProcedure } from '@orpc/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contract } from '../../src-contract/contract.ts'
import { wireError } from '../../src-contract/error.ts'
import { AUTH, rawRequest, type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

const FOREIGN_HOST = { host: 'evil.example' }
const FOREIGN_ORIGIN = { origin: 'http://evil.example' }
const TOO_LARGE = { 'content-length': '64000001', 'content-type': 'application/json' }

/** Sends only the head of a request: with an announced body, nothing of it. */
async function status(headers: Record<string, string>, method = 'POST', path = '/api/projects'): Promise<number> {
  const answer = await rawRequest(served.port, {
    method,
    path,
    headers: { host: `127.0.0.1:${served.port}`, ...headers },
  })
  expect(wireError.safeParse(JSON.parse(answer.body)).error).toBeUndefined()
  return answer.status
}

test('S4 asks for the Host before the Origin, the size and the login', async () => {
  expect(await status({ ...FOREIGN_HOST, ...FOREIGN_ORIGIN })).toBe(403)
  expect(await status(FOREIGN_HOST)).toBe(403)
  expect(await status({ ...FOREIGN_HOST, ...AUTH }, 'GET')).toBe(403)
})

test('S4 asks for the Origin before the login', async () => {
  expect(await status(FOREIGN_ORIGIN)).toBe(403)
  expect(await status({ origin: 'null', ...AUTH })).toBe(403)
  expect(await status({ ...FOREIGN_ORIGIN, ...AUTH }, 'GET')).toBe(403)
  expect(await status({ ...FOREIGN_ORIGIN }, 'GET', '/health')).toBe(403)
})

test('S4 refuses a foreign Origin before it looks at the size, and the size before the login', async () => {
  const host = { host: `localhost:${served.port}` }
  // The announced body never comes: only an answer that does not wait for it can be seen.
  expect(await answerToHead({ ...host, ...TOO_LARGE })).toBe(413)
  expect(await answerToHead({ ...host, ...TOO_LARGE, ...FOREIGN_ORIGIN })).toBe(403)
})

test('D3 S4 a project that is imported may be larger than other bodies, and has a bound of its own', async () => {
  const host = { host: `localhost:${served.port}` }
  const announced = (bytes: string) => answerToHead({ ...host, 'content-length': bytes }, '/api/projects/import')
  expect(await announced('64000001')).toBe(401)
  expect(await announced('8000000001')).toBe(413)
})

/** The status that is answered to a head whose body never comes. */
async function answerToHead(headers: Record<string, string>, path = '/api/projects'): Promise<number> {
  const { connect } = await import('node:net')
  return new Promise((resolve, reject) => {
    const socket = connect(served.port, '127.0.0.1')
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    socket.once('error', reject)
    socket.once('data', (chunk) => {
      socket.destroy()
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(chunk.toString())?.[1]))
    })
  })
}

test('S4 refuses a body that was not announced once it is too large', async () => {
  const chunk = new Uint8Array(1_000_000)
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < 70) controller.enqueue(chunk)
      else controller.close()
    },
  })
  const answer = await served.call('/api/projects', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit)
  expect(answer.status).toBe(413)
})

test('S4 asks for the login before the schema, also where nothing is', async () => {
  expect(await status({ 'content-type': 'application/json' })).toBe(401)
  for (const path of [
    '/api/nothing',
    '/nothing',
    '/api',
    '/api/projects/prj_1/nothing',
    '//api/status',
    '/api/../api/status',
  ]) {
    expect(await status({}, 'GET', path), path).toBe(401)
    expect(await status({ authorization: 'Bearer wrong' }, 'GET', path), path).toBe(401)
  }
  for (const path of ['/api/nothing', '/nothing', '/api', '/assets/missing.js']) {
    expect(await status(AUTH, 'GET', path), path).toBe(404)
  }
})

test('S4 lets nobody into any route of the contract without a login', async () => {
  const walk = (node: unknown, found: { method: string; path: string }[]): typeof found => {
    if (isContractProcedure(node)) {
      const { method, path } = node['~orpc'].route
      if (method !== undefined && path !== undefined) found.push({ method, path })
      return found
    }
    for (const child of Object.values(node as object)) walk(child, found)
    return found
  }
  const routes = walk(contract, [])
  expect(routes.length).toBeGreaterThan(40)
  for (const { method, path } of routes) {
    // What gives a login needs none, and refuses a body that is missing.
    const isLogin = ['/auth/register', '/auth/login', '/auth/refresh'].includes(path)
    const expected = path === '/health' ? 200 : isLogin ? 400 : 401
    const answer = await rawRequest(served.port, {
      method,
      path: `/api${path.replaceAll(/\{\w+\}/g, 'x')}`,
      headers: { host: 'localhost' },
    })
    expect(answer.status, `${method} ${path}`).toBe(expected)
  }
})

test('A3a answers about its health without a login, and tells nothing else', async () => {
  const answer = await fetch(`${served.url}/health`)
  expect(answer.status).toBe(200)
  const health = (await answer.json()) as { status: string; metrics: { total_requests: number } }
  expect(['healthy', 'degraded']).toContain(health.status)
  expect(health.metrics.total_requests).toBeGreaterThan(0)
})

test('S9 serves the UI without a login under a policy that runs no inline script', async () => {
  const page = await fetch(`${served.url}/`)
  expect(page.status).toBe(200)
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  const script = await fetch(`${served.url}/assets/main-abc.js`)
  expect(script.status).toBe(200)
  expect(script.headers.get('content-type')).toContain('text/javascript')
})

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%00', '/%zz'])(
  'S9 gives nothing from outside of the UI: %s',
  async (path) => {
    const answer = await rawRequest(served.port, { path, headers: { host: 'localhost' } })
    expect(answer.status).toBe(401)
    expect(answer.body).not.toContain('outside of the UI')
  },
)
