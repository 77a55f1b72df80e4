import { join } from 'node:path'
import { isContractProcedure } from '@orpc/contract'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from '../../src-contract/contract.ts'
import { HOLD_SECRETS, SHOWN_ONCE, takesKey } from '../../src-main/api/keyed-call.ts'
import { createCliBench } from './cli-process.ts'
import { type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
  served.core.execute([])
})
afterAll(() => served.close())

const id = z.looseObject({ id: z.string() })
const fault = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.looseObject({}).optional() }),
})

function post(path: string, key: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return served.call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const projects = (): number => served.core.projects.list({ limit: 200 }).items.length

test('A3 the same POST with the same key is done once, and answered the same again', async () => {
  const before = projects()
  const first = await post('/api/projects', 'create-1', { requirements: 'One owl.' })
  expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null])
  const text = await first.text()
  const again = await post('/api/projects', 'create-1', { requirements: 'One owl.' })
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
  expect(await again.text()).toBe(text)
  expect(projects()).toBe(before + 1)
})

test('A3 fifty equal POSTs at once make one project; whoever comes too early is told when to ask again', async () => {
  const before = projects()
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => post('/api/projects', 'create-50', { requirements: 'Fifty owls.' })),
  )
  expect(projects()).toBe(before + 1)
  for (const answer of answers) {
    expect([201, 409]).toContain(answer.status)
    if (answer.status === 409) expect(answer.headers.get('retry-after')).toBe('1')
  }
  expect(answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'))).toHaveLength(
    1,
  )
  const after = await post('/api/projects', 'create-50', { requirements: 'Fifty owls.' })
  expect([after.status, after.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
})

test('A3 a key stands for one route and one body; another of them is refused and does nothing', async () => {
  const before = projects()
  expect((await post('/api/projects', 'create-2', { requirements: 'A' })).status).toBe(201)
  const body = await post('/api/projects', 'create-2', { requirements: 'B' })
  expect([body.status, fault.parse(await body.json()).error.code]).toEqual([422, 'UNPROCESSABLE'])
  const route = await post('/api/runs', 'create-2', { requirements: 'A' })
  expect(route.status).toBe(422)
  expect(projects()).toBe(before + 1)
})

test('A3 a route at the root is the same as below /api', async () => {
  const body = { prompt: 'An owl', profile: 'demo' }
  const first = await post('/runs', 'run-1', body)
  expect(first.status, await first.clone().text()).toBe(202)
  const again = await post('/api/runs', 'run-1', body)
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true'])
  expect(await again.json()).toEqual(await first.json())
})

test('A3 a refused call is not kept: corrected, it may use its key', async () => {
  const wrong = await post('/api/projects', 'create-3', { requirements: '' })
  expect(wrong.status).toBe(400)
  const right = await post('/api/projects', 'create-3', { requirements: 'Right.' })
  expect([right.status, right.headers.get('idempotency-replayed')]).toEqual([201, null])
  expect((await post('/api/projects', 'two words', { requirements: 'x' })).status).toBe(400)
  expect((await post('/api/projects', 'k'.repeat(256), { requirements: 'x' })).status).toBe(400)
})

test('A3 a key of somebody else is another key', async () => {
  const made = await served.post('/api/invites', { role: 'operator' })
  const { code } = z.object({ code: z.string() }).parse(await made.json())
  const person = { email: 'a@b.org', password: 'correct horse battery', display_name: 'A' }
  const first = { ...person, email: 'first@b.org', invite: 'a-token-for-tests' }
  expect((await served.post('/api/auth/register', first)).status).toBe(201)
  expect((await served.post('/api/auth/register', { ...person, invite: code })).status).toBe(201)
  const login = await served.post('/api/auth/login', { email: person.email, password: person.password })
  const { access_token } = z.object({ access_token: z.string() }).parse(await login.json())
  const body = { requirements: 'Whose?' }
  const mine = id.parse(await (await post('/api/projects', 'shared', body)).json())
  const theirs = await post('/api/projects', 'shared', body, { authorization: `Bearer ${access_token}` })
  expect([theirs.status, theirs.headers.get('idempotency-replayed')]).toEqual([201, null])
  expect(id.parse(await theirs.json()).id).not.toBe(mine.id)
})

test('A3 S8 an answer that shows a secret once is not kept, and what it told of is not made twice', async () => {
  const body = { name: 'ci', scopes: ['read'] }
  const first = await post('/api/tokens', 'token-1', body)
  expect(first.status).toBe(201)
  const again = await post('/api/tokens', 'token-1', body)
  expect(again.status).toBe(409)
  expect(fault.parse(await again.json()).error.details).toMatchObject({ idempotency: 'done' })
  const tokens = z.object({ items: z.array(z.object({ name: z.string() })) })
  const listed = tokens.parse(await (await served.call('/api/tokens')).json())
  expect(listed.items.filter(({ name }) => name === 'ci')).toHaveLength(1)
})

test('A3 S8 every POST that answers with a secret is among those whose answers are not kept', () => {
  for (const [group, routes] of Object.entries(contract)) {
    for (const [name, procedure] of Object.entries(routes)) {
      if (!isContractProcedure(procedure)) continue
      const { route, outputSchema } = procedure['~orpc']
      if (!takesKey([group, name], route.method) || !(outputSchema instanceof z.ZodType)) continue
      const schema = JSON.stringify(z.toJSONSchema(outputSchema, { io: 'output', unrepresentable: 'any' }))
      const shows = /"(secret|token|code|password)":\{[^{}]*"type":"string"/.test(schema)
      expect(SHOWN_ONCE.has(`${group}.${name}`), `${group}.${name}`).toBe(shows)
    }
  }
})

test('A3 S8 nothing is kept of a body that brings a secret: of two secrets the rows of their keys are alike', async () => {
  const add = async (key: string, secret: string) =>
    (await post('/api/webhook-secrets', key, { name: 'a sender', secret })).status
  expect([await add('secret-1', 'hunter2hunter2hunter2'), await add('secret-2', 'correct horse battery')]).toEqual([
    201, 201,
  ])
  // Whatever it brings, it was done.
  expect([await add('secret-1', 'hunter2hunter2hunter2'), await add('secret-1', 'something other')]).toEqual([409, 409])
  const database = new Database(join(served.data_dir, 'baton.db'), { readonly: true })
  const rows = database
    .prepare<[], { fingerprint: string; answer: string | null }>(
      "SELECT fingerprint, answer FROM idempotency_key WHERE key LIKE 'secret-_' ORDER BY key",
    )
    .all()
  database.close()
  expect(rows).toHaveLength(2)
  expect(rows[0]).toEqual(rows[1])
  expect(rows[0]?.answer).toBe(null)
})

test('A3 S8 every POST whose body may bring a secret is among those of whose bodies nothing is kept', () => {
  for (const [group, routes] of Object.entries(contract)) {
    for (const [name, procedure] of Object.entries(routes)) {
      if (!isContractProcedure(procedure)) continue
      const { route, inputSchema } = procedure['~orpc']
      if (!takesKey([group, name], route.method) || !(inputSchema instanceof z.ZodType)) continue
      const schema = JSON.stringify(z.toJSONSchema(inputSchema, { io: 'input', unrepresentable: 'any' }))
      const brings = /"(secret|token|code|password|passphrase|api_key)":\{[^{}]*"type":"string"/.test(schema)
      expect(HOLD_SECRETS.has(`${group}.${name}`), `${group}.${name}`).toBe(brings)
    }
  }
})

test('A3 the upload of an archive says that it takes no key', async () => {
  const answer = await post('/api/projects/import', 'import-1', 'x')
  expect(answer.status).toBe(400)
  expect(fault.parse(await answer.json()).error.message).toContain('/api/imports')
})

test('A3 the description of the port names the header on every route that heeds it', async () => {
  const paths = z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string(), parameters: z.array(z.looseObject({})).optional() })),
  )
  const described = z.object({ paths }).parse(await (await served.call('/api/openapi.json')).json())
  const has = (path: string) =>
    described.paths[path]?.['post']?.parameters?.some((parameter) => parameter['name'] === 'Idempotency-Key') === true
  expect(['/projects', '/runs', '/tokens', '/backups', '/imports/{id}/finish', '/auth/login'].map(has)).toEqual([
    ...[true, true, true, true, true],
    false,
  ])
})

interface Started {
  readonly url: string
  readonly headers: Record<string, string>
  readonly child: ReturnType<ReturnType<typeof createCliBench>['start']>
}

async function startServe(bench: ReturnType<typeof createCliBench>, failpoint?: string): Promise<Started> {
  const child = bench.start(['serve', '--port', '0'], failpoint === undefined ? {} : { BATON_FAILPOINTS: failpoint })
  const line = await new Promise<string>((resolve, reject) => {
    child.lines.once('line', resolve)
    child.ended.then((end) => reject(new Error(end.stderr)), reject)
  })
  const { url, token_file } = z.object({ url: z.string(), token_file: z.string() }).parse(JSON.parse(line))
  const { readFileSync } = await import('node:fs')
  const token = readFileSync(token_file, 'utf8').trim()
  return { url, child, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }
}

const create = ({ url, headers }: Started, key: string): Promise<Response> =>
  fetch(`${url}/api/projects`, {
    method: 'POST',
    headers: { ...headers, 'idempotency-key': key },
    body: JSON.stringify({ requirements: 'Killed.' }),
  })

test('A3 E5 killed between the change and its answer, nothing is done again, and the caller is told to look', async () => {
  const bench = createCliBench()
  try {
    const killed = await startServe(bench, 'once-done')
    await expect(create(killed, 'k')).rejects.toThrow()
    await killed.child.ended
    const next = await startServe(bench)
    const again = await create(next, 'k')
    expect(again.status, await again.clone().text()).toBe(409)
    expect(fault.parse(await again.json()).error.details).toMatchObject({ idempotency: 'unknown' })
    const listed = await fetch(`${next.url}/api/projects`, { headers: next.headers })
    expect(z.object({ items: z.array(id) }).parse(await listed.json()).items).toHaveLength(1)

    const kept = await create(next, 'survives')
    const text = await kept.text()
    next.child.child.kill('SIGKILL')
    await next.child.ended
    const last = await startServe(bench)
    const replayed = await create(last, 'survives')
    expect([replayed.headers.get('idempotency-replayed'), await replayed.text()]).toEqual(['true', text])
  } finally {
    await bench.close()
  }
}, 120_000)

test('A3 E5 killed before anything is changed, the call may be made again under its key', async () => {
  const bench = createCliBench()
  try {
    const first = await startServe(bench)
    first.child.child.kill('SIGKILL')
    await first.child.ended
    // The commit that makes the project is the first that the call asks for.
    const killed = await startServe(bench, 'before-turn-commit:40')
    const answers: (Response | null)[] = []
    for (let index = 0; index < 60; index++) {
      const answer = await create(killed, `n${index}`).catch(() => null)
      answers.push(answer)
      if (answer === null) break
    }
    expect(answers.at(-1)).toBeNull()
    const dead = answers.length - 1
    await killed.child.ended
    const next = await startServe(bench)
    const listed = await fetch(`${next.url}/api/projects?limit=200`, { headers: next.headers })
    const there = z.object({ items: z.array(id) }).parse(await listed.json()).items.length
    const again = await create(next, `n${dead}`)
    // Whether the commit that was cut short was the change or the answer: what is there is never made twice.
    expect(again.status).toBe(there === dead ? 201 : 409)
  } finally {
    await bench.close()
  }
}, 120_000)
