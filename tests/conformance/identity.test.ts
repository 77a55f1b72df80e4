import { createHmac, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { session } from '../../src-contract/identity.ts'
import type { Role } from '../../src-contract/role.ts'
import { everyCall } from './every-call.ts'
import { type ServedCore, serveCore, TOKEN } from './served-core.ts'

const PASSWORD = 'correct horse battery'
type Person = { readonly id: string; readonly access: string; readonly refresh: string }

let served: ServedCore
const people = new Map<Role, Person>()
let foreignProject: string

async function send(path: string, init: { method?: string; body?: unknown; bearer?: string | null } = {}) {
  const { method = 'GET', body, bearer = TOKEN } = init
  const answer = await fetch(`${served.url}/api${path}`, {
    method,
    headers: {
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) as unknown }
}

const post = (path: string, body: unknown, bearer: string | null = TOKEN) =>
  send(path, { method: 'POST', body, bearer })

async function enter(email: string): Promise<Person> {
  const { access_token, refresh_token, user } = session.parse(
    (await post('/auth/login', { email, password: PASSWORD }, null)).json(),
  )
  return { id: user.id, access: access_token, refresh: refresh_token }
}

async function invited(email: string, role: Role): Promise<Person> {
  const { code } = z.object({ code: z.string() }).parse((await post('/invites', { role })).json())
  const made = await post('/auth/register', { email, password: PASSWORD, display_name: role, invite: code }, null)
  expect(made.status, made.text).toBe(201)
  return enter(email)
}

const ofPerson = (role: Role): Person => {
  const person = people.get(role)
  if (person === undefined) throw new Error(`nobody is ${role}`)
  return person
}

beforeAll(async () => {
  served = await serveCore()
  served.core.execute([])
  const limits = { changes: 10_000, plans: 10_000, reads: 10_000, logins: 10_000 }
  expect((await send('/settings', { method: 'PATCH', body: { rate_limits: limits } })).status).toBe(200)
})
afterAll(() => served.close())

test('S1 a token that acts as the owner of the data folder makes no first admin', async () => {
  const made = await post('/tokens', { name: 'prometheus', scopes: ['metrics'] })
  const { token } = z.object({ token: z.string() }).parse(made.json())
  const first = { email: 'mallory@b.org', password: PASSWORD, display_name: 'Mallory' }
  expect((await post('/auth/register', first, token)).status).toBe(403)
})

test('S1 the first user shows the secret of the token file and becomes admin; after that registration is closed', async () => {
  const first = { email: 'Ada@Example.org', password: PASSWORD, display_name: 'Ada' }
  expect((await post('/auth/register', first, null)).status).toBe(403)
  expect((await post('/auth/register', { ...first, invite: 'guessed' }, null)).status).toBe(403)
  expect((await post('/auth/register', { ...first, invite: TOKEN, role: 'admin' }, null)).status).toBe(400)
  const made = await post('/auth/register', { ...first, invite: TOKEN }, null)
  expect([made.status, made.json()]).toMatchObject([201, { email: 'ada@example.org', role: 'admin', is_active: true }])
  expect(made.text).not.toContain('password')

  const second = { email: 'eve@example.org', password: PASSWORD, display_name: 'Eve' }
  expect((await post('/auth/register', second, null)).status).toBe(403)
  // The secret of the file opens the first registration only.
  expect((await post('/auth/register', { ...second, invite: TOKEN }, null)).status).toBe(403)
  people.set('admin', await enter('ada@example.org'))
})

test('S1 an invitation lets one person in, once, in its role; an admin may open registration for viewers', async () => {
  for (const role of ['operator', 'viewer', 'system'] as const) people.set(role, await invited(`${role}@b.org`, role))
  const { code } = z.object({ code: z.string() }).parse((await post('/invites', { role: 'operator' })).json())
  const both = await Promise.all(
    ['x@b.org', 'y@b.org'].map((email) =>
      post('/auth/register', { email, password: PASSWORD, display_name: 'x', invite: code }, null),
    ),
  )
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 403])
  const again = { email: 'operator@b.org', password: PASSWORD, display_name: 'again' }
  const open = await send('/settings', { method: 'PATCH', body: { registration_open: true } })
  expect(open.status).toBe(200)
  expect((await post('/auth/register', again, null)).status).toBe(409)
  const walked = await post('/auth/register', { ...again, email: 'walk@b.org' }, null)
  expect(walked.json()).toMatchObject({ role: 'viewer' })
  await send('/settings', { method: 'PATCH', body: { registration_open: false } })
})

test('S6 what belongs to somebody else does not exist, on any route that names a row', async () => {
  const made = await post('/projects', { name: 'secret plans', requirements: 'One bird.', profile: 'demo' })
  expect(made.status, made.text).toBe(201)
  foreignProject = z.object({ id: z.string() }).parse(made.json()).id
  expect((await post(`/projects/${foreignProject}/plan`, {})).status).toBe(202)
  const { access } = ofPerson('operator')
  const own = await post('/projects', { name: 'mine', requirements: 'One bird.' }, access)
  expect(own.status, own.text).toBe(201)
  const mine = z.object({ id: z.string() }).parse(own.json()).id
  for (const { name, method, path, of } of everyCall()) {
    if (of !== 'id' || !path.startsWith('/projects/{id}')) continue
    const place = path.replace('{id}', foreignProject)
    const answer = await send(place, { method, bearer: access, ...(method !== 'GET' && { body: {} }) })
    expect(answer.status, `${name}: ${answer.text}`).toBe(404)
    expect(answer.text, name).not.toContain('secret plans')
  }
  for (const path of [`/projects/${foreignProject}/events`, `/projects/${foreignProject}/export`]) {
    expect((await send(path, { bearer: access })).status, path).toBe(404)
  }
  expect((await post('/exports', { project_id: foreignProject }, access)).status).toBe(404)
  const plans = z.object({ items: z.array(z.object({ id: z.string() })) })
  await expect
    .poll(async () => plans.parse((await send(`/projects/${foreignProject}/plans`)).json()).items.length)
    .toBe(1)
  const plan = plans.parse((await send(`/projects/${foreignProject}/plans`)).json()).items[0]?.id
  expect((await send(`/plans/${plan}`, { bearer: access })).status).toBe(404)
  expect((await post(`/plans/${plan}/approve`, {}, access)).status).toBe(404)
  expect((await send('/plans/pln_zzz', { bearer: access })).status).toBe(404)
  expect((await send(`/plans/${plan}`, { bearer: ofPerson('admin').access })).status).toBe(200)

  for (const path of ['/projects', '/events?limit=500', '/usage', '/approvals?state=all', '/runs']) {
    const seen = await send(path, { bearer: access })
    expect(seen.status, path).toBe(200)
    expect(seen.text, path).not.toContain(foreignProject)
  }
  expect((await send('/projects', { bearer: access })).text).toContain(mine)
  expect((await send('/projects', { bearer: ofPerson('viewer').access })).text).not.toContain(mine)
  expect((await send('/projects', { bearer: ofPerson('admin').access })).text).toContain(mine)
})

test('S6 a stream tells a user of their own projects alone, with a ticket too', async () => {
  const { access } = ofPerson('operator')
  const { ticket } = z.object({ ticket: z.string() }).parse((await post('/auth/stream-ticket', {}, access)).json())
  const end = new AbortController()
  const stream = await fetch(`${served.url}/api/events/stream?after=00000000-0&token=${ticket}`, { signal: end.signal })
  expect(stream.status).toBe(200)
  let text = ''
  const reading = (async () => {
    for await (const chunk of stream.body ?? []) text += new TextDecoder().decode(chunk)
  })().catch(() => undefined)
  await send(`/projects/${foreignProject}`, { method: 'PATCH', body: { name: 'still secret' } })
  const made = await post('/projects', { name: 'seen', requirements: 'One bird.' }, access)
  const { id } = z.object({ id: z.string() }).parse(made.json())
  await expect.poll(() => text.includes(id)).toBe(true)
  end.abort()
  await reading
  expect(text).not.toContain(foreignProject)
  expect((await fetch(`${served.url}/api/events/stream?token=${ticket}`)).status).toBe(401)
})

test('S6 A2 a job is its dispatcher’s; workers of the machine take everybody’s, an operator’s worker its owner’s', async () => {
  const dispatched = z.object({ task_id: z.string() })
  const dispatch = async (bearer?: string) =>
    dispatched.parse((await post('/dispatch', { coreId: 'mill', metadata: { grain: 'secret rye' } }, bearer)).json())
      .task_id
  const { access } = ofPerson('operator')
  const system = ofPerson('system').access
  const foreign = await dispatch()
  const { seen, close } = await follow('/events/stream', access)
  const attempts: readonly [string, string, object?][] = [
    ['GET', `/jobs/${foreign}`],
    ['GET', `/jobs/${foreign}/events`],
    ['POST', `/jobs/${foreign}/cancel`, {}],
    ['PUT', `/jobs/${foreign}/status`, { status: 'success' }],
  ]
  for (const [method, path, body] of attempts) {
    const answer = await send(path, { method, bearer: access, ...(body !== undefined && { body }) })
    expect([answer.status, path]).toEqual([404, path])
    expect(answer.text).not.toContain('rye')
  }
  expect((await post('/jobs/claim', { coreId: 'mill' }, access)).status).toBe(204)
  expect((await send('/jobs', { bearer: access })).text).not.toContain(foreign)
  expect((await post('/dispatch', { coreId: 'mill' }, ofPerson('viewer').access)).status).toBe(403)
  expect((await send('/jobs', { bearer: system })).status).toBe(403)

  const mine = await dispatch(access)
  expect((await send(`/jobs/${mine}`, { bearer: access })).status).toBe(200)
  expect((await post('/jobs/claim', { coreId: 'mill' }, access)).text).toContain(mine)
  const taken = await post('/jobs/claim', { coreId: 'mill' }, system)
  expect([taken.status, taken.text]).toEqual([200, expect.stringContaining(foreign)])
  const ends = (id: string, bearer: string) =>
    send(`/jobs/${id}/status`, { method: 'PUT', body: { status: 'success' }, bearer })
  expect((await ends(foreign, system)).status).toBe(200)
  expect((await ends(mine, access)).status).toBe(200)
  await expect.poll(() => seen.text).toContain('job.ended')
  await close()
  expect(seen.text).toContain(mine)
  expect(seen.text).not.toContain(foreign)
  expect((await send('/events?type=job.ended', { bearer: access })).text).not.toContain(foreign)
})

/** Opens a stream and tells what came on it, and whether it has ended. */
async function follow(path: string, bearer: string | null) {
  const end = new AbortController()
  const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
  const stream = await fetch(`${served.url}/api${path}`, { headers, signal: end.signal })
  const seen = { status: stream.status, text: '', ended: false }
  const reading = (async () => {
    for await (const chunk of stream.body ?? []) seen.text += new TextDecoder().decode(chunk)
    seen.ended = true
  })().catch(() => undefined)
  const close = async () => {
    end.abort()
    await reading
  }
  return { seen, close }
}

test.each(['logging out', 'a revoked token', 'another role', 'a user who is switched off', 'a stolen refresh token'])(
  'S2 S6 a stream that is open ends at once after %s',
  async (how) => {
    const person = await invited(`stream-${how.length}@b.org`, 'operator')
    const own = await post('/tokens', { name: 'stream', scopes: ['read'], owner: person.id })
    const { token, id: tokenId } = z.object({ token: z.string(), id: z.string() }).parse(own.json())
    const made = await post('/projects', { requirements: 'One bird.', name: 'streamed' }, person.access)
    const { id } = z.object({ id: z.string() }).parse(made.json())
    const { seen, close } = await follow('/events/stream', how === 'a revoked token' ? token : person.access)
    await send(`/projects/${id}`, { method: 'PATCH', body: { name: 'before' } })
    await expect.poll(() => seen.text).toContain('project.changed')
    const { length } = seen.text
    if (how === 'logging out') await post('/auth/logout', {}, person.access)
    if (how === 'a revoked token') await send(`/tokens/${tokenId}`, { method: 'DELETE' })
    if (how === 'another role') await send(`/users/${person.id}`, { method: 'PATCH', body: { role: 'system' } })
    if (how === 'a user who is switched off') {
      await send(`/users/${person.id}`, { method: 'PATCH', body: { is_active: false } })
    }
    if (how === 'a stolen refresh token') {
      const refresh = { refresh_token: person.refresh }
      const twice = [await post('/auth/refresh', refresh, null), await post('/auth/refresh', refresh, null)]
      expect(twice.map(({ status }) => status)).toEqual([200, 401])
    }
    // Before there is anything to tell.
    await expect.poll(() => seen.ended).toBe(true)
    expect(seen.text.slice(length)).toBe('')
    await close()
  },
)

test('S2 S6 the stream of a run ends at once where its token is revoked', async () => {
  const { id: owner } = ofPerson('operator')
  const { run_id } = z
    .object({ run_id: z.string() })
    .parse((await post('/runs', { prompt: 'One bird.' }, ofPerson('operator').access)).json())
  const made = await post('/tokens', { name: 'run', scopes: ['read'], owner })
  const { token, id } = z.object({ token: z.string(), id: z.string() }).parse(made.json())
  // No engine works here, so nothing happens on it.
  const { seen, close } = await follow(`/runs/${run_id}/events/stream`, token)
  expect([seen.status, seen.ended]).toEqual([200, false])
  await send(`/tokens/${id}`, { method: 'DELETE' })
  await expect.poll(() => seen.ended).toBe(true)
  expect(seen.text).not.toContain('event: done')
  await close()
})

/** How a worker who waits for a job may lose the right to one, and what it is told then. */
const LOSSES: Readonly<Record<string, readonly [status: number, change: (person: Person, token: string) => unknown]>> =
  {
    'its token is revoked': [401, (_, token) => send(`/tokens/${token}`, { method: 'DELETE' })],
    'its user is switched off': [
      401,
      ({ id }) => send(`/users/${id}`, { method: 'PATCH', body: { is_active: false } }),
    ],
    'its user becomes a viewer': [403, ({ id }) => send(`/users/${id}`, { method: 'PATCH', body: { role: 'viewer' } })],
  }

test.each(Object.keys(LOSSES))('S2 S6 A2 a worker that waits for a job is sent away as %s', async (how) => {
  const [status, change] = LOSSES[how] ?? [0, () => undefined]
  const person = await invited(`waits-${how.length}@b.org`, 'operator')
  const made = await post('/tokens', { name: 'waits', scopes: ['work'], owner: person.id })
  const { token, id } = z.object({ token: z.string(), id: z.string() }).parse(made.json())
  const coreId = `waits-${how.length}`
  let isOver = false
  const waiting = post('/jobs/claim', { coreId, wait_s: 60 }, token).finally(() => {
    isOver = true
  })
  // It was let in: its use of the token is written down.
  const used = z.object({ items: z.array(z.object({ id: z.string(), last_used_at: z.string().nullable() })) })
  await expect
    .poll(async () => used.parse((await send('/tokens')).json()).items.find((one) => one.id === id)?.last_used_at)
    .not.toBe(null)
  expect(isOver).toBe(false)
  await change(person, id)
  const answer = await waiting
  expect(answer.status, answer.text).toBe(status)
  // What comes now is nobody's, and was not lost to the worker that left.
  await post('/dispatch', { coreId })
  expect((await post('/jobs/claim', { coreId })).status).toBe(200)
})

test('S3 a ticket is worth nothing after its user has logged out', async () => {
  const { access } = await invited('ticket@b.org', 'viewer')
  const { ticket } = z.object({ ticket: z.string() }).parse((await post('/auth/stream-ticket', {}, access)).json())
  await post('/auth/logout', {}, access)
  const { seen, close } = await follow(`/events/stream?token=${ticket}`, null)
  await close()
  expect(seen.status).toBe(401)
})

test('S1 a change of a user that names nothing changes nothing', async () => {
  const answer = await send(`/users/${ofPerson('viewer').id}`, { method: 'PATCH', body: {} })
  expect([answer.status, answer.json()]).toMatchObject([200, { role: 'viewer', email: 'viewer@b.org' }])
})

test('S1 a folder of this machine is for its owner to give', async () => {
  const body = { requirements: 'One bird.', workspace: served.data_dir }
  expect((await post('/projects', body, ofPerson('operator').access)).status).toBe(403)
})

test('S2 a refresh token is good once; one that comes back ends the session for both', async () => {
  const first = await invited('twice@b.org', 'operator')
  const second = session.parse((await post('/auth/refresh', { refresh_token: first.refresh }, null)).json())
  expect(second.refresh_token).not.toBe(first.refresh)
  expect((await send('/auth/me', { bearer: second.access_token })).status).toBe(200)
  expect((await post('/auth/refresh', { refresh_token: first.refresh }, null)).status).toBe(401)
  for (const bearer of [first.access, second.access_token])
    expect((await send('/auth/me', { bearer })).status).toBe(401)
  expect((await post('/auth/refresh', { refresh_token: second.refresh_token }, null)).status).toBe(401)
  expect((await send('/audit?action=session.reused')).text).toContain(first.id)
})

test('S2 logging out, a new role, a new password and switching off hold at once', async () => {
  const person = await invited('moved@b.org', 'operator')
  const change = (body: object) => send(`/users/${person.id}`, { method: 'PATCH', body })
  expect((await post('/projects', { requirements: 'x' }, person.access)).status).toBe(201)
  await change({ role: 'viewer' })
  expect((await post('/projects', { requirements: 'x' }, person.access)).status).toBe(403)
  await change({ is_active: false })
  expect((await send('/projects', { bearer: person.access })).status).toBe(401)
  expect((await post('/auth/refresh', { refresh_token: person.refresh }, null)).status).toBe(401)
  expect((await post('/auth/login', { email: 'moved@b.org', password: PASSWORD }, null)).status).toBe(403)
  await change({ is_active: true, password: 'another password' })
  expect((await post('/auth/login', { email: 'moved@b.org', password: PASSWORD }, null)).status).toBe(401)
  const back = await post('/auth/login', { email: 'moved@b.org', password: 'another password' }, null)
  const { access_token } = session.parse(back.json())
  expect((await post('/auth/logout', {}, access_token)).status).toBe(200)
  expect((await send('/projects', { bearer: access_token })).status).toBe(401)
})

/** A JWT made by hand. */
function forged(header: object, payload: object, key: string | Buffer = 'guess', hash = 'sha256'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part(header)}.${part(payload)}`
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
}

test('S2 takes no token but its own: none, another algorithm, audience, issuer or time, or a changed one', async () => {
  const { access, id } = ofPerson('admin')
  const key = Buffer.from(readFileSync(join(served.data_dir, 'session-key'), 'utf8').trim(), 'base64url')
  const parts = access.split('.')
  const [head = '', body = '', signature = ''] = parts
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  const hs256 = { alg: 'HS256', typ: 'JWT' }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  expect((await send('/auth/me', { bearer: forged(hs256, claims, key) })).status).toBe(200)
  const bad = {
    'alg none': `${part({ alg: 'none' })}.${body}.`,
    'alg None, signed': forged({ alg: 'None' }, claims, key),
    'no signature': `${head}.${body}.`,
    'another algorithm': forged({ alg: 'HS512', typ: 'JWT' }, claims, key, 'sha512'),
    'asymmetric algorithm': forged({ alg: 'RS256', typ: 'JWT' }, claims, key),
    'guessed key': forged(hs256, claims),
    'empty key': forged(hs256, claims, ''),
    'key of the header': forged({ ...hs256, jwk: { kty: 'oct', k: 'Z3Vlc3M' } }, claims),
    'another user': forged(hs256, { ...claims, sub: ofPerson('viewer').id }, key),
    'another session': forged(hs256, { ...claims, sid: 999 }, key),
    expired: forged(hs256, { ...claims, exp: 1 }, key),
    'never expires': forged(hs256, { ...claims, exp: undefined }, key),
    'not yet': forged(hs256, { ...claims, nbf: 4_000_000_000 }, key),
    'wrong audience': forged(hs256, { ...claims, aud: 'elsewhere' }, key),
    'no audience': forged(hs256, { ...claims, aud: undefined }, key),
    'wrong issuer': forged(hs256, { ...claims, iss: 'evil' }, key),
    'changed claims': `${head}.${part({ ...claims, sub: 'usr_2' })}.${signature}`,
    'critical header': forged({ ...hs256, crit: ['x'], x: 1 }, claims, key),
    'no jti': forged(hs256, { ...claims, jti: undefined }, key),
    'as a number': forged(hs256, { ...claims, sid: `${claims['sid']}` }, key),
    'trailing part': `${access}.x`,
    'refresh token': ofPerson('admin').refresh,
  }
  for (const [name, bearer] of Object.entries(bad)) expect((await send('/auth/me', { bearer })).status, name).toBe(401)
  expect((await send('/auth/me', { bearer: access })).json()).toMatchObject({ id, role: 'admin' })
})

test('S2 an API token does what its scopes say, as its owner, until it is revoked; Baton keeps its hash alone', async () => {
  const operator = ofPerson('operator')
  const made = await post('/tokens', { name: 'ci', scopes: ['read'], owner: operator.id })
  const { token, id } = z.object({ token: z.string(), id: z.string() }).parse(made.json())
  expect((await send('/auth/me', { bearer: token })).json()).toMatchObject({ id: operator.id, scopes: ['read'] })
  expect((await send('/projects', { bearer: token })).text).toContain('mine')
  expect((await post('/projects', { requirements: 'x' }, token)).status).toBe(403)
  expect((await post('/tokens', { name: 'more', scopes: ['admin'], owner: operator.id })).status).toBe(400)
  expect((await send('/tokens')).text).not.toContain(token)
  expect(readFileSync(join(served.data_dir, 'baton.db-wal')).includes(token)).toBe(false)
  await send(`/tokens/${id}`, { method: 'DELETE' })
  expect((await send('/projects', { bearer: token })).status).toBe(401)
})

test('S5 guessing a password is slowed down for that account; the owner of the folder is never locked out', async () => {
  await invited('guessed@b.org', 'viewer')
  const guess = () => post('/auth/login', { email: 'guessed@b.org', password: 'wrong password' }, null)
  // The right password comes with them, because the first wait may be over where the machine is slow.
  const right = () => post('/auth/login', { email: 'guessed@b.org', password: PASSWORD }, null)
  const [tried, last] = await Promise.all([Promise.all(Array.from({ length: 20 }, guess)), right()])
  expect(tried.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(6)
  expect(last.status).toBe(429)
  expect(last.json()).toMatchObject({ error: { details: { retry_after_s: expect.any(Number) as number } } })
  expect((await send('/projects')).status).toBe(200)
  expect((await enter('ada@example.org')).id).toBe(ofPerson('admin').id)
})

test("S5 an API token can neither guess its owner's password nor lock them out", async () => {
  const { id } = await invited('tokened@b.org', 'viewer')
  const made = await post('/tokens', { name: 'found', scopes: ['read'], owner: id })
  const { token } = z.object({ token: z.string() }).parse(made.json())
  const change = (current_password: string) =>
    post('/auth/password', { current_password, new_password: 'a new password' }, token)
  for (let at = 0; at < 8; at += 1) expect((await change('wrong password')).status).toBe(403)
  expect((await change(PASSWORD)).status).toBe(403)
  expect((await enter('tokened@b.org')).id).toBe(id)
})

test('S5 limits a user per changing route, and a token by its own limit, and says when to come back', async () => {
  const made = await post('/tokens', { name: 'slow', scopes: ['read', 'write'], per_minute: 3 })
  const { token } = z.object({ token: z.string() }).parse(made.json())
  const answers = []
  for (let at = 0; at < 5; at += 1) answers.push(await post('/projects', { requirements: `x${at}` }, token))
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429, 429])
  const refused = answers.at(-1)
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused?.headers.get('ratelimit-limit')).toBe('3')
  expect(refused?.headers.get('ratelimit-remaining')).toBe('0')
  // Another route, and the owner of the folder, go on.
  expect((await send('/projects', { bearer: token })).status).toBe(200)
  expect((await post('/projects', { requirements: 'x' })).status).toBe(201)
})

test('S5 a token has a count of its own, also where it is without a limit of its own or acts as the owner', async () => {
  const { id, access } = ofPerson('operator')
  const made = async (body: object) =>
    z.object({ token: z.string() }).parse((await post('/tokens', { name: 'x', scopes: ['read'], ...body })).json())
      .token
  for (let at = 0; at < 4; at += 1) await send('/projects', { bearer: access })
  const slow = await made({ owner: id, per_minute: 3 })
  expect((await send('/projects', { bearer: slow })).headers.get('ratelimit-remaining')).toBe('2')
  const [one, two] = [await made({ per_minute: 3 }), await made({ per_minute: 3 })]
  expect((await send('/projects', { bearer: one })).headers.get('ratelimit-remaining')).toBe('2')
  expect((await send('/projects', { bearer: two })).headers.get('ratelimit-remaining')).toBe('2')
  // As the contract says: null is the limit of the settings, not none.
  expect((await send('/projects', { bearer: await made({}) })).headers.get('ratelimit-limit')).toBe('10000')
})

test('S5 counts logins by address alone, however the path is spelled, and says when to come back', async () => {
  const guess = (email: string, path = '/auth/login', bearer: string | null = null) =>
    post(path, { email, password: 'wrong password' }, bearer)
  const guesses = await Promise.all(Array.from({ length: 12 }, () => guess('locked@b.org')))
  const locked = guesses.find(({ status }) => status === 429)
  if (locked === undefined) throw new Error('nothing was locked')
  const { error } = z
    .object({ error: z.object({ details: z.object({ retry_after_s: z.number() }) }) })
    .parse(locked.json())
  expect(locked.headers.get('retry-after')).toBe(String(error.details.retry_after_s))
  const limits = { changes: 10_000, plans: 10_000, reads: 10_000, logins: 2 }
  await send('/settings', { method: 'PATCH', body: { rate_limits: limits } })
  const refused = await guess('nobody@b.org')
  expect([refused.status, refused.headers.get('ratelimit-limit')]).toEqual([429, '2'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await guess('nobody@b.org', '/auth/login/', ofPerson('viewer').access)).status).toBe(429)
  // Where nobody is one caller for all, whoever guesses keeps the others out.
  const few = { changes: 1, plans: 10_000, reads: 10_000, logins: 10_000 }
  await send('/settings', { method: 'PATCH', body: { rate_limits: few } })
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => guess(`${name}@b.org`)))
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
  await send('/settings', { method: 'PATCH', body: { rate_limits: { ...few, changes: 10_000 } } })
})

test('S7 the trail has who guessed at a password, and no password that was typed in place of an e-mail address', async () => {
  const { access, id } = await invited('guesses@b.org', 'viewer')
  const guess = { current_password: 'wrong password', new_password: 'a new password' }
  expect((await post('/auth/password', guess, access)).status).toBe(403)
  expect((await send('/audit?action=password.refused')).json()).toMatchObject({ items: [{ actor: id, subject: id }] })
  await post('/auth/login', { email: 'hunter2-hunter2', password: '' }, null)
  const failed = (await send('/audit?action=login.failed&limit=1')).json()
  expect(failed).toMatchObject({ items: [{ subject: 'nobody', details: {} }] })
  expect((await send('/audit?limit=500')).text).not.toContain('hunter2')
})

test('S1 the program that starts a server is told to admins alone', async () => {
  const start = { command: ['/srv/secret/serve', '--key=hidden'], folder: '/srv/secret' }
  expect((await send('/services/comfyui/start', { method: 'PUT', body: { start } })).status).toBe(200)
  const { access } = ofPerson('operator')
  const check = { method: 'POST', body: {}, bearer: access }
  const seen = [
    await send('/services', { bearer: access }),
    await send('/status', { bearer: access }),
    await send('/services/comfyui/check', check),
  ]
  for (const { status, text } of seen) {
    expect(status, text).toBe(200)
    expect(text).not.toContain('secret')
  }
  for (const path of ['/services', '/status']) expect((await send(path)).text).toContain('/srv/secret/serve')
})

test('S8 keys that an admin gives a server of tools are not shown to the owner of its project', async () => {
  const { access } = ofPerson('operator')
  const made = await post('/projects', { requirements: 'One bird.' }, access)
  const { id } = z.object({ id: z.string() }).parse(made.json())
  const configs = {
    program: { command: 'node', env: { API_KEY: 'sk-hidden' } },
    address: { type: 'http', url: 'https://tools.example.org/mcp', headers: { authorization: 'Bearer sk-hidden' } },
  }
  for (const [name, config] of Object.entries(configs)) {
    const put = await send(`/projects/${id}/mcp/${name}`, { method: 'PUT', body: { setup: { config } } })
    expect(put.status, put.text).toBe(200)
  }
  const seen = await send(`/projects/${id}/mcp`, { bearer: access })
  expect(seen.text).toContain('API_KEY')
  expect(seen.text).not.toContain('sk-hidden')
  expect((await send(`/projects/${id}/mcp`)).text).toContain('sk-hidden')
  const left = await send(`/projects/${id}/mcp/program`, { method: 'DELETE', body: {}, bearer: access })
  expect([left.status, left.text.includes('sk-hidden')]).toEqual([200, false])
})

test('S2 an API token acts as its owner, however their id is spelled', async () => {
  const { id, access } = ofPerson('operator')
  const made = await post('/tokens', { name: 'zeros', scopes: ['read'], owner: id.replace('_', '_000') })
  const { token } = z.object({ token: z.string() }).parse(made.json())
  expect((await send('/auth/me', { bearer: token })).json()).toMatchObject({ id })
  expect((await send('/projects', { bearer: token })).text).toBe((await send('/projects', { bearer: access })).text)
})

test('S5 all addresses of this machine are one where logins are counted', async () => {
  const limits = { changes: 10_000, plans: 10_000, reads: 10_000, logins: 1 }
  await send('/settings', { method: 'PATCH', body: { rate_limits: limits } })
  const from = (localAddress: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const to = { host: '127.0.0.1', port: served.port, localAddress, method: 'POST', path: '/api/auth/login' }
      const sent = request({ ...to, headers: { 'content-type': 'application/json' } }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode))
      })
      sent.on('error', reject).end(JSON.stringify({ email: 'far@b.org', password: 'wrong password' }))
    })
  expect([await from('127.0.0.1'), await from('127.0.0.2')]).toEqual([429, 429])
  await send('/settings', { method: 'PATCH', body: { rate_limits: { ...limits, logins: 10_000 } } })
})

test('S6 A4 a stream that is asked for by HEAD does not stand open', async () => {
  const open = async (): Promise<number> => {
    const told = /^orch_sse_connections_active (\d+)$/m.exec((await send('/metrics')).text)
    return Number(told?.[1])
  }
  const before = await open()
  expect((await send('/events/stream', { method: 'HEAD' })).status).toBe(200)
  await expect.poll(open).toBe(before)
})

test('D3 A4 a download that is asked for by HEAD leaves no file behind', async () => {
  const text = randomBytes(1_000_000).toString('base64')
  const made = await post('/projects', { requirements: 'One bird.', attachments: [{ name: 'long.txt', text }] })
  const { id } = z.object({ id: z.string() }).parse(made.json())
  expect((await send(`/projects/${id}/export`, { method: 'HEAD' })).status).toBe(200)
  await expect.poll(() => readdirSync(join(served.data_dir, 'exports'))).toEqual([])
})

test('S7 the trail tells who did what, is for admins, and the database refuses to change it', async () => {
  const trail = await send('/audit?limit=500')
  const { items } = z
    .object({ items: z.array(z.object({ actor: z.string(), action: z.string(), subject: z.string() })) })
    .parse(trail.json())
  const actions = new Set(items.map(({ action }) => action))
  for (const action of [
    'user.registered',
    'login.succeeded',
    'login.failed',
    'settings.changed',
    'token.created',
    'user.changed',
    'invite.created',
    'logout',
  ])
    expect(actions, action).toContain(action)
  expect(items.find(({ action }) => action === 'settings.changed')?.actor).toBe('local')
  expect(trail.text).not.toContain(PASSWORD)
  expect((await send('/audit.jsonl')).text.trim().split('\n').length).toBeGreaterThanOrEqual(items.length)
  expect((await send('/audit.jsonl', { bearer: ofPerson('operator').access })).status).toBe(403)
})

test('S6 L1 a lock of one user is not another’s to release or prolong, by whatever name they give', async () => {
  const operator = ofPerson('operator').access
  const other = (await invited('locks@b.org', 'operator')).access
  const taken = await send('/locks', {
    method: 'POST',
    bearer: operator,
    body: { resource: 'worktree:/srv/a', owner: 'night' },
  })
  const { id } = z.object({ id: z.string() }).parse(taken.json())
  const extend = (bearer: string) =>
    send(`/locks/${id}/extend`, { method: 'POST', bearer, body: { owner: 'night', ttl_ms: 60_000 } })
  const release = (bearer: string) => send(`/locks/${id}?owner=night`, { method: 'DELETE', bearer })
  expect((await extend(other)).status).toBe(403)
  expect((await release(other)).status).toBe(403)
  expect((await extend(operator)).status).toBe(200)
  expect((await release(ofPerson('admin').access)).status).toBe(200)
  expect((await release(operator)).status).toBe(404)
})
