import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { session } from '../../src-contract/identity.ts'
import { startVictim, type Victim } from '../attack/victim.ts'

const PASSWORD = 'correct horse battery'
const victims: Victim[] = []
afterEach(async () => {
  for (const victim of victims.splice(0)) await victim.close()
})

async function victim(before?: Victim): Promise<Victim> {
  const started = await startVictim({}, before?.bench)
  victims.push(started)
  return started
}

async function ask(of: Victim, path: string, init: { method?: string; body?: unknown; bearer?: string | null } = {}) {
  const { method = init.body === undefined ? 'GET' : 'POST', body, bearer = of.token } = init
  const answer = await fetch(`${of.url}/api${path}`, {
    method,
    headers: { ...(bearer !== null && { authorization: `Bearer ${bearer}` }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, text, json: () => JSON.parse(text) as unknown }
}

/** Registers a first user and raises the limits, so that what is refused is refused for another reason. */
async function withAda(of: Victim) {
  const limits = { changes: 10_000, plans: 10_000, reads: 10_000, logins: 10_000 }
  expect((await ask(of, '/settings', { method: 'PATCH', body: { rate_limits: limits } })).status).toBe(200)
  const body = { email: 'ada@b.org', password: PASSWORD, display_name: 'Ada', invite: of.token }
  expect((await ask(of, '/auth/register', { body, bearer: null })).status).toBe(201)
  return login(of)
}

async function login(of: Victim) {
  return session.parse(
    (await ask(of, '/auth/login', { body: { email: 'ada@b.org', password: PASSWORD }, bearer: null })).json(),
  )
}

test('S2 sessions outlive a restart, and a refresh token that was used before it is still a stolen one after it', async () => {
  const first = await victim()
  const begun = await withAda(first)
  const second = session.parse(
    (await ask(first, '/auth/refresh', { body: { refresh_token: begun.refresh_token }, bearer: null })).json(),
  )
  expect(await first.stop()).toBe(0)
  const again = await victim(first)
  expect((await ask(again, '/auth/me', { bearer: second.access_token })).status).toBe(200)
  expect(
    (await ask(again, '/auth/refresh', { body: { refresh_token: begun.refresh_token }, bearer: null })).status,
  ).toBe(401)
  expect((await ask(again, '/auth/me', { bearer: second.access_token })).status).toBe(401)
  expect(
    (await ask(again, '/auth/refresh', { body: { refresh_token: second.refresh_token }, bearer: null })).status,
  ).toBe(401)
  // Neither kind of token is taken for the other.
  const { access_token: refresh_token } = await login(again)
  expect([400, 401]).toContain((await ask(again, '/auth/refresh', { body: { refresh_token }, bearer: null })).status)
})

test('S2 a refresh token that several send at once is good for one at most, and then for nobody', async () => {
  const of = await victim()
  const { refresh_token } = await withAda(of)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => ask(of, '/auth/refresh', { body: { refresh_token }, bearer: null })),
  )
  const good = answers.filter(({ status }) => status === 200)
  expect(good).toHaveLength(1)
  const { access_token } = session.parse(good[0]?.json())
  expect((await ask(of, '/auth/me', { bearer: access_token })).status).toBe(401)
})

test('S3 M6 a ticket opens nothing but a stream, and no line of the log holds one, a password or a token', async () => {
  const of = await victim()
  const { access_token, refresh_token } = await withAda(of)
  const take = async () =>
    z
      .object({ ticket: z.string() })
      .parse((await ask(of, '/auth/stream-ticket', { body: {}, bearer: access_token })).json()).ticket
  const ticket = await take()
  const others = [
    '/projects',
    '/auth/me',
    '/usage.csv',
    '/audit.jsonl',
    '/openapi.json',
    '/nothing',
    '/events',
    '/events/stream/',
  ]
  for (const path of others) {
    expect((await ask(of, `${path}?token=${ticket}`, { bearer: null })).status, path).toBe(401)
  }
  for (const method of ['HEAD', 'POST', 'DELETE']) {
    expect((await ask(of, `/events/stream?token=${ticket}`, { method, bearer: null })).status, method).toBe(401)
  }
  expect((await ask(of, '/auth/me', { bearer: ticket })).status).toBe(401)
  const end = new AbortController()
  const stream = await fetch(`${of.url}/api/events/stream?token=${ticket}`, { signal: end.signal })
  expect(stream.status).toBe(200)
  end.abort()
  expect((await ask(of, `/events/stream?token=${ticket}`, { bearer: null })).status).toBe(401)
  await of.stop()
  const log = readFileSync(join(of.bench.data_dir, 'logs', 'baton.log'), 'utf8')
  expect(log).toContain('auth.login')
  for (const secret of [ticket, access_token, refresh_token, PASSWORD, of.token]) expect(log).not.toContain(secret)
})

test('S5 a flood of logins under many names keeps nobody out who is in, and locks the owner of the folder never out', async () => {
  const of = await victim()
  const { access_token } = await withAda(of)
  const flood = Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      ask(of, '/auth/login', {
        body: { email: `${at % 3 === 0 ? 'ada' : `user${at}`}@b.org`, password: 'wrong password' },
        bearer: null,
      }),
    ),
  )
  for (let at = 0; at < 5; at++) {
    expect((await ask(of, '/projects')).status).toBe(200)
    expect((await ask(of, '/auth/me', { bearer: access_token })).status).toBe(200)
  }
  const statuses = (await flood).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([401, 429]))
  // Those whom nobody knows are answered as if they were there.
  expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(40)
  expect((await ask(of, '/settings')).status).toBe(200)
})

test('S4 A4 lines that stand half open, and bodies that come byte by byte, keep nobody out', async () => {
  const of = await victim()
  const lines: Socket[] = []
  const hold = (text: string) => {
    const line = connect(of.port, '127.0.0.1').on('error', () => undefined)
    line.write(text)
    lines.push(line)
    return line
  }
  const login = `POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`
  for (let at = 0; at < 300; at++)
    hold(at % 3 === 0 ? '' : at % 3 === 1 ? 'GET /api/projects HTTP/1.1\r\nHost: loc' : login)
  const drip = setInterval(() => {
    for (const line of lines) line.write('x')
  }, 50)
  for (let at = 0; at < 20; at++) expect((await ask(of, '/projects')).status).toBe(200)
  clearInterval(drip)
  for (const line of lines) line.destroy()
  expect((await ask(of, '/projects', { body: { requirements: 'One bird.' } })).status).toBe(201)
  expect(await of.stop()).toBe(0)
})

test('S7 D5 the trail refuses to be changed, and doctor finds a word that was changed against its will', async () => {
  const of = await victim()
  await withAda(of)
  await of.stop()
  const db = new Database(join(of.bench.data_dir, 'baton.db'))
  for (const sql of [
    "UPDATE audit SET actor = 'nobody'",
    'DELETE FROM audit',
    'REPLACE INTO audit SELECT * FROM audit LIMIT 1',
  ]) {
    expect(() => db.prepare(sql).run(), sql).toThrow()
  }
  expect((await of.bench.run(['doctor'])).stdout).toMatch(/✓ Chains/)
  const triggers = z
    .array(z.object({ name: z.string() }))
    .parse(
      db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit' AND sql LIKE '%RAISE%'")
        .all(),
    )
  expect(triggers.length).toBeGreaterThan(0)
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`)
  db.prepare("UPDATE audit SET actor = 'nobody' WHERE id = (SELECT max(id) FROM audit)").run()
  db.close()
  expect((await of.bench.run(['doctor'])).stdout).toMatch(/✗ Chains/)
})
