import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { session } from '../../src-contract/identity.ts'
import { decodeId } from '../../src-contract/ids.ts'
import type { Role, Scope } from '../../src-contract/role.ts'
import { type Call, everyCall, everyHandWrittenCall } from './every-call.ts'
import { rawRequest, type ServedCore, serveCore, TOKEN } from './served-core.ts'

const PASSWORD = 'correct horse battery'

/** What each role may do, written down a second time: a right that is given away by mistake is found here. */
const MAY = {
  admin: ['read', 'write', 'admin', 'work', 'metrics'],
  operator: ['read', 'write', 'work'],
  viewer: ['read'],
  system: ['work', 'metrics'],
} as const satisfies Readonly<Record<Role, readonly Scope[]>>

/** Somebody at the door: what they show, and what they may; null: nobody is to know them. */
interface Guest {
  readonly bearer: string | null
  readonly may: readonly Scope[] | null
}

let served: ServedCore
const guests = new Map<string, Guest>()
const made = z.object({ id: z.string(), token: z.string() })

async function send(path: string, method: string, body: unknown, bearer: string | null = TOKEN): Promise<unknown> {
  const answer = await fetch(`${served.url}/api${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(bearer !== null && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
const post = (path: string, body: unknown, bearer?: string | null) => send(path, 'POST', body, bearer)

async function invited(name: string, role: Role): Promise<z.infer<typeof session>> {
  const { code } = z.object({ code: z.string() }).parse(await post('/invites', { role }))
  const email = `${name}@b.org`
  await post('/auth/register', { email, password: PASSWORD, display_name: name, invite: code }, null)
  return session.parse(await post('/auth/login', { email, password: PASSWORD }, null))
}

const newToken = async (owner: string, scopes: readonly Scope[]) =>
  made.parse(await post('/tokens', { name: scopes.join(' '), scopes, owner }))

beforeAll(async () => {
  served = await serveCore()
  served.core.execute([])
  const rate_limits = { changes: 100_000, plans: 100_000, reads: 100_000, logins: 100_000, webhooks: 100_000 }
  await send('/settings', 'PATCH', { rate_limits, max_streams: 1_000 })
  await post('/auth/register', { email: 'first@b.org', password: PASSWORD, display_name: 'First', invite: TOKEN }, null)

  guests.set('nobody', { bearer: null, may: null })
  guests.set('a guessed token', { bearer: `btn_${'a'.repeat(43)}`, may: null })
  guests.set('the token file', { bearer: TOKEN, may: MAY.admin })
  const ids: Partial<Record<Role, string>> = {}
  for (const role of ['admin', 'operator', 'viewer', 'system'] as const) {
    const { access_token: bearer, user } = await invited(role, role)
    ids[role] = user.id
    guests.set(role, { bearer, may: MAY[role] })
    for (const scope of MAY[role]) {
      const { token } = await newToken(user.id, [scope])
      guests.set(`a token of the ${role} to ${scope}`, { bearer: token, may: [scope] })
    }
  }
  const local = await newToken('local', MAY.admin)
  guests.set('a token of the owner for all', { bearer: local.token, may: MAY.admin })
  const own = await newToken('local', ['metrics'])
  guests.set('a token of the owner to metrics', { bearer: own.token, may: ['metrics'] })

  const revoked = await newToken('local', MAY.admin)
  await send(`/tokens/${revoked.id}`, 'DELETE', {})
  guests.set('a revoked token', { bearer: revoked.token, may: null })
  const expired = await newToken(ids.operator ?? '', MAY.operator)
  const database = new Database(join(served.data_dir, 'baton.db'))
  database.prepare('UPDATE api_token SET expires_at = 1 WHERE id = ?').run(decodeId('api_token', expired.id))
  database.close()
  guests.set('an expired token', { bearer: expired.token, may: null })
  const off = await invited('off', 'operator')
  const ofOff = await newToken(off.user.id, MAY.operator)
  await send(`/users/${off.user.id}`, 'PATCH', { is_active: false })
  guests.set('a user who is switched off', { bearer: off.access_token, may: null })
  guests.set('a token of a user who is switched off', { bearer: ofOff.token, may: null })
  const left = await invited('left', 'admin')
  await post('/auth/logout', {}, left.access_token)
  guests.set('a session that was left', { bearer: left.access_token, may: null })
  // The token has kept its scopes; its owner has less.
  const demoted = await invited('demoted', 'operator')
  const ofDemoted = await newToken(demoted.user.id, MAY.operator)
  const ofWriter = await newToken(demoted.user.id, ['write'])
  await send(`/users/${demoted.user.id}`, 'PATCH', { role: 'viewer' })
  guests.set('a demoted user', { bearer: demoted.access_token, may: MAY.viewer })
  guests.set('a token of a demoted user', { bearer: ofDemoted.token, may: ['read'] })
  guests.set('a token to write of a demoted user', { bearer: ofWriter.token, may: [] })
})
afterAll(() => served.close())

type Outcome = 'unknown' | 'not allowed' | 'in'

function expected({ scope }: Call, { may }: Guest): Outcome {
  if (scope === 'public' || scope === 'signature') return 'in'
  if (may === null) return 'unknown'
  return scope === 'any' || may.some((own) => own === scope) ? 'in' : 'not allowed'
}

/** How far somebody gets. Rows are named that are not there, and bodies sent that are none: nothing is done. */
async function outcome({ method, path }: Call, { bearer }: Guest, prefix: string): Promise<Outcome> {
  const line = new AbortController()
  const answer = await fetch(`${served.url}${prefix}${path.replaceAll(/\{\w+\}/g, 'x')}`, {
    method,
    headers: {
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'GET' && { body: JSON.stringify({ odd: true }) }),
    signal: line.signal,
  })
  // Streams go on for ever.
  line.abort()
  if (answer.status === 401) return 'unknown'
  return answer.status === 403 ? 'not allowed' : 'in'
}

/** Where what each guest gets is not what they should, a line each. */
async function faults(calls: readonly Call[], prefix = '/api'): Promise<string[]> {
  const wrong: string[] = []
  for (const [name, guest] of guests) {
    for (const call of calls) {
      const [is, ought] = [await outcome(call, guest, prefix), expected(call, guest)]
      if (is !== ought) wrong.push(`${name}: ${call.name} is "${is}", ought to be "${ought}"`)
    }
  }
  return wrong
}

test('S4 where nothing is, nobody is told so without a login', async () => {
  for (const [name, { bearer, may }] of guests) {
    const headers = { host: 'localhost', ...(bearer !== null && { authorization: `Bearer ${bearer}` }) }
    const { status } = await rawRequest(served.port, { path: '/api/nothing', headers })
    expect(status, name).toBe(may === null ? 401 : 404)
  }
})

test('S1 S2 S4 S6 every route lets in who has its right, and nobody else: roles, tokens of every scope, expired and revoked', {
  timeout: 240_000,
}, async () => {
  const calls = everyCall()
  expect(calls.length).toBeGreaterThan(80)
  // It ends a session, which is wanted for all others.
  const last = calls.filter(({ name }) => name === 'auth.logout')
  expect(last).toHaveLength(1)
  expect(await faults(calls.filter((call) => !last.includes(call)))).toEqual([])
  expect(await faults(everyHandWrittenCall())).toEqual([])
  const atRoot = /^\/(dispatch|jobs(\/.*)?|runs(\/.*)?|tasks\/\{id\}\/runs|metrics|sse\/events|ws|webhook|health)$/
  const rooted = [...calls, ...everyHandWrittenCall()].filter(({ path }) => atRoot.test(path))
  expect(rooted.length).toBeGreaterThan(15)
  expect(await faults(rooted, '')).toEqual([])
  expect(await faults(last)).toEqual([])
})
