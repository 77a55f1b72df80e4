import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { session } from '../../src-contract/identity.ts'
import { eventually } from '../support/eventually.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

const served = z.object({ url: z.string(), token_file: z.string() })
const PASSWORD = 'correct horse battery staple'
/** Nothing of its look says that it is a key. */
const KEY = 'PlainWord0fAnth'
const JWT_SECRET = 'another plain word that signs tokens'
const SIGNATURE = `t=1732190000,v1=${'ab'.repeat(32)}`

let bench: CliBench
/** A provider, or whatever stands at its address, that repeats what it was sent. */
const echo = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[],"has_more":false}')
    return
  }
  const said = JSON.stringify({ error: { type: 'api_error', message: `Refused: ${JSON.stringify(request.headers)}` } })
  response.writeHead(400, { 'content-type': 'application/json' }).end(said)
})
beforeEach(async () => {
  bench = createCliBench()
  await once(echo.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  await bench.close()
  echo.closeAllConnections()
  echo.close()
})

test('M6 S8 no key, password, token, ticket or signature reaches a file of the log, whoever repeats it', async () => {
  const serve = bench.start(['serve', '--port', '0'], {
    BATON_LOG_LEVEL: 'debug',
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${(echo.address() as AddressInfo).port}`,
    JWT_SECRET,
  })
  const [first] = await once(serve.lines, 'line')
  const { url, token_file } = served.parse(JSON.parse(String(first)))
  const owner = readFileSync(token_file, 'utf8').trim()
  async function send(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const answer = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return answer.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text
  }

  // Logins, refusals and addresses that hold secrets.
  const ada = { email: 'ada@b.org', password: PASSWORD }
  await send('/api/auth/register', { ...ada, display_name: 'Ada', invite: owner })
  await send('/api/auth/login', { ...ada, password: `${PASSWORD} but wrong` })
  const { access_token, refresh_token } = session.parse(await send('/api/auth/login', ada))
  await send('/api/auth/me', undefined, { authorization: `Bearer ${access_token}` })
  await send('/api/auth/refresh', { refresh_token: `${refresh_token}x` })
  const made = { ticket: z.string(), token: z.string(), code: z.string() }
  const { ticket } = z
    .object(made)
    .pick({ ticket: true })
    .parse(await send('/api/auth/stream-ticket', {}))
  await send(`/api/nothing?token=${ticket}&key=${KEY}`)
  await send(`/api/projects/${access_token}`)
  const api = z
    .object(made)
    .pick({ token: true })
    .parse(await send('/api/tokens', { name: 'x', scopes: ['read'] }))
  const { code } = z
    .object(made)
    .pick({ code: true })
    .parse(await send('/api/invites', { role: 'viewer' }))
  await send('/webhook', '{"event":"task.completed"', { 'x-signature': SIGNATURE })
  await send('/api/auth/login', `{"password": "${PASSWORD}", `)

  // A fault of a provider that repeats its key; this one is written down with its message.
  await fetch(`${url}/api/settings`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch_window_ms: 0, retry_base_ms: 1, retry_cap_ms: 1 }),
  })
  const id = z.object({ id: z.string() })
  const project = id.parse(await send('/api/projects', { requirements: 'Write a note', can_wait: true }))
  const task = { key: 'a', title: 'A', type: 'writing', complexity: 'medium' }
  const plan = id.parse(await send(`/api/projects/${project.id}/plans`, { document: { title: 'N', tasks: [task] } }))
  await send(`/api/plans/${plan.id}/approve`, { authorise_micros: 1_000_000 })
  const folder = join(bench.data_dir, 'logs')
  const log = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  await eventually('the fault of the provider in the log', () => log().includes('A batch was not taken'))

  const all = log()
  expect(all).toContain('[redacted]')
  const secrets = { KEY, JWT_SECRET, PASSWORD, owner, access_token, refresh_token, ticket, code, signature: 'abababab' }
  for (const [what, secret] of Object.entries({ ...secrets, api: api.token })) {
    expect(all.includes(secret), `${what} in the log`).toBe(false)
  }
})
