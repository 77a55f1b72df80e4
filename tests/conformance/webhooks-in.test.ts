import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { rawRequest, type ServedCore, serveCore } from './served-core.ts'

const SECRET = 'a-secret-of-the-sender'
let served: ServedCore
let secretId: string

const made = z.object({ id: z.string(), secret: z.string() })
const fault = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
const taken = z.object({ status: z.string(), event_id: z.string().nullable(), task_id: z.string() })
const dispatched = z.looseObject({ task_id: z.string() })

function signed(body: string, secret = SECRET, at = Date.now()): string {
  const t = Math.floor(at / 1_000)
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
}

interface Sent {
  readonly secret?: string
  readonly at?: number
  readonly headers?: Record<string, string>
  readonly path?: string
}

async function send(body: unknown, { secret, at, headers, path = '/webhook' }: Sent = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-signature': signed(text, secret, at), ...headers },
    body: text,
  })
  const said = await answer.text()
  return { status: answer.status, text: said, json: () => JSON.parse(said) as unknown }
}

async function newJob(coreId = 'worker-1'): Promise<string> {
  const answer = await served.post('/dispatch', { coreId })
  expect(answer.status).toBe(201)
  return dispatched.parse(await answer.json()).task_id
}

async function jobNow(id: string) {
  return z
    .looseObject({ status: z.string(), result: z.unknown(), message: z.string(), reason: z.string() })
    .parse(await (await served.call(`/jobs/${id}`)).json())
}

const saying = (event: string, task_id: string, status: string, data: object = {}, more: object = {}) => ({
  ...{ event, task_id, core_id: 'worker-1', status, timestamp: new Date().toISOString(), data },
  ...more,
})

beforeAll(async () => {
  served = await serveCore()
  served.core.execute([])
})
afterAll(() => served.close())

test('A5 without a secret no webhook is taken, and the answer says how to set one', async () => {
  const answer = await send(saying('task.progress', 'job_1', 'running'))
  expect(answer.status).toBe(503)
  expect(fault.parse(answer.json()).error.message).toContain('WEBHOOK_SECRET')
  const add = await served.post('/api/webhook-secrets', { name: 'sender', secret: SECRET })
  expect(add.status).toBe(201)
  secretId = made.parse(await add.json()).id
  expect((await served.post('/api/webhook-secrets', { name: 'empty', secret: '' })).status).toBe(400)
  expect(await (await served.call('/api/webhook-secrets')).text()).not.toContain(SECRET)
})

test('A5 webhooks drive a job from its beginning to its end, and are stored as its events', async () => {
  const id = await newJob()
  const begun = await send(saying('task.progress', id, 'running', { message: 'half of it' }))
  expect([begun.status, taken.parse(begun.json()).status]).toEqual([200, 'accepted'])
  expect(await jobNow(id)).toMatchObject({ status: 'running', message: 'half of it' })
  const done = await send(saying('task.completed', id, 'success', { result: { answer: 42 } }), { path: '/api/webhook' })
  expect(done.status, done.text).toBe(200)
  expect(await jobNow(id)).toMatchObject({ status: 'succeeded', result: { answer: 42 } })
  const events = await (await served.call(`/jobs/${id}/events`)).text()
  for (const type of ['job.started', 'job.progress', 'job.ended']) expect(events).toContain(type)

  const other = await newJob()
  expect((await send(saying('task.failed', other, 'failed', { error: 'no paper' }))).status).toBe(200)
  expect(await jobNow(other)).toMatchObject({ status: 'failed', reason: 'no paper' })
})

test('A5 a job that is not there is 404, one of another core or over is 409, a contradiction 400', async () => {
  expect((await send(saying('task.completed', 'job_zzz', 'success'))).status).toBe(404)
  expect((await send(saying('task.completed', 'tsk_1', 'success'))).status).toBe(404)
  const id = await newJob('worker-2')
  expect((await send(saying('task.completed', id, 'success'))).status).toBe(409)
  const mine = await newJob()
  expect((await send(saying('task.completed', mine, 'failed'))).status).toBe(400)
  expect((await send(saying('task.failed', mine, 'cancelled'))).status).toBe(200)
  expect(await jobNow(mine)).toMatchObject({ status: 'cancelled' })
  expect((await send(saying('task.completed', mine, 'success'))).status).toBe(409)
})

test('A5 the signature is checked before anything else is read', async () => {
  for (const [body, sent] of [
    ['no json', { secret: 'another secret of somebody' }],
    [saying('task.progress', 'job_1', 'running'), { headers: { 'x-signature': 't=1,v1=00' } }],
    [saying('task.progress', 'job_1', 'running'), { at: Date.now() - 301_500 }],
    [saying('task.progress', 'job_1', 'running'), { at: Date.now() + 302_000 }],
  ] as const) {
    expect((await send(body, sent)).status).toBe(401)
  }
  for (const body of ['no json', '[]', '{"event":"task.completed"}', saying('task.exploded', 'job_1', 'x')]) {
    expect((await send(body)).status).toBe(400)
  }
  expect((await send(saying('task.progress', 'job_1', 'running', {}, { odd: true }))).status).toBe(400)
  const without = await fetch(`${served.url}/webhook`, { method: 'POST', body: '{}' })
  expect(without.status).toBe(401)
})

test('A5 the same message is taken once; the same event signed anew is a repeat; its id is not for another body', async () => {
  const id = await newJob()
  const body = JSON.stringify(saying('task.progress', id, 'running', {}, { id: 'evt-1' }))
  const headers = { 'x-signature': signed(body) }
  expect((await send(body, { headers })).status).toBe(200)
  const replayed = await send(body, { headers })
  expect([replayed.status, fault.parse(replayed.json()).error.message]).toEqual([
    409,
    expect.stringContaining('before'),
  ])
  // The header is not signed: it must not make a new message of an old one.
  expect((await send(body, { headers: { ...headers, 'x-event-id': 'evt-2' } })).status).toBe(409)
  const again = await send(body, { at: Date.now() - 5_000 })
  expect([again.status, taken.parse(again.json())]).toEqual([
    200,
    { status: 'duplicate', event_id: 'evt-1', task_id: id },
  ])
  const other = await send(saying('task.completed', id, 'success', {}, { id: 'evt-1' }))
  expect(other.status).toBe(409)
  expect(await jobNow(id)).toMatchObject({ status: 'running' })

  const named = JSON.stringify(saying('task.progress', id, 'running'))
  expect((await send(named, { headers: { 'x-event-id': 'evt-3' } })).status).toBe(200)
  const repeat = await send(named, { at: Date.now() - 7_000, headers: { 'x-event-id': 'evt-3' } })
  expect(taken.parse(repeat.json()).status).toBe('duplicate')
})

test('A5 twenty equal messages at once are taken once', async () => {
  const id = await newJob()
  const body = JSON.stringify(saying('task.completed', id, 'success'))
  const headers = { 'x-signature': signed(body) }
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(body, { headers })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(19)
})

test('A5 a refused message may come again once what was wrong is mended', async () => {
  const body = JSON.stringify(saying('task.progress', 'job_zz', 'running'))
  const headers = { 'x-signature': signed(body) }
  expect((await send(body, { headers })).status).toBe(404)
  expect((await send(body, { headers })).status).toBe(404)
})

test('A5 a second secret is as good, so that secrets can be exchanged; one that is removed is not', async () => {
  const id = await newJob()
  const second = made.parse(await (await served.post('/api/webhook-secrets', { name: 'next' })).json())
  expect(second.secret).toMatch(/^whsec_/)
  expect((await send(saying('task.progress', id, 'running'), { secret: second.secret })).status).toBe(200)
  expect((await send(saying('task.progress', id, 'on'))).status).toBe(200)
  await served.call(`/api/webhook-secrets/${secretId}`, { method: 'DELETE' })
  expect((await send(saying('task.progress', id, 'more'))).status).toBe(401)
  expect((await send(saying('task.progress', id, 'more'), { secret: second.secret })).status).toBe(200)
  await served.post('/api/webhook-secrets', { name: 'sender', secret: SECRET })
  const trail = await (await served.call('/api/audit?limit=50')).text()
  for (const action of ['webhook.secret_added', 'webhook.secret_removed']) expect(trail).toContain(action)
  expect(trail).not.toContain(second.secret)
})

test('A5 S4 no login is needed, a large body is not read, and one address has a limit', async () => {
  const host = { host: 'localhost' }
  const large = await rawRequest(served.port, {
    ...{ method: 'POST', path: '/webhook', body: 'x' },
    headers: { ...host, 'content-length': '1000001' },
  }).catch(() => ({ status: 413 }))
  expect(large.status).toBe(413)
  expect((await rawRequest(served.port, { path: '/webhook', headers: host })).status).toBe(401)
  const evil = { ...host, origin: 'https://evil.example' }
  expect((await rawRequest(served.port, { method: 'POST', path: '/webhook', headers: evil })).status).toBe(403)
  const before = served.core.settings.get().rate_limits
  await served.core.settings.change({ rate_limits: { ...before, webhooks: 1 } })
  const limited = await send(saying('task.progress', 'job_1', 'x'))
  expect(limited.status).toBe(429)
  await served.core.settings.change({ rate_limits: before })
})

test('M5 incoming webhooks are counted by what became of their signature', async () => {
  const text = await (await served.call('/metrics')).text()
  for (const status of ['verified', 'wrong', 'stale', 'missing', 'replayed', 'unset']) {
    expect(text).toMatch(new RegExp(`orch_webhook_signatures_verified_total\\{status="${status}"\\} [1-9]`))
  }
  expect(text).toMatch(/orch_webhook_processing_duration_seconds_count [1-9]/)
})
