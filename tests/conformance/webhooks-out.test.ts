import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { webhook, webhookDelivery } from '../../src-contract/webhook.ts'
import { type ReceivedPost, startReceiver, type WebhookReceiver } from '../doubles/webhook-receiver.ts'
import { type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
let receiver: WebhookReceiver

const made = webhook.extend({ secret: z.string() })
type Made = z.infer<typeof made>
const deliveries = z.object({ items: z.array(webhookDelivery) })

beforeAll(async () => {
  served = await serveCore()
  served.core.execute('all')
  await served.core.settings.change({ webhook_retry_base_ms: 50, webhook_retry_cap_ms: 200 })
})
afterAll(() => served.close())
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  for (const { id } of served.core.webhooks.list()) await served.core.webhooks.remove(id)
  await receiver.close()
})

async function add(input: object = {}): Promise<Made> {
  const answer = await served.post('/api/webhooks', { url: receiver.url, private_host: receiver.host, ...input })
  const text = await answer.text()
  expect(answer.status, text).toBe(201)
  return made.parse(JSON.parse(text))
}

async function logOf(id: string) {
  return deliveries.parse(await (await served.call(`/api/webhooks/${id}/deliveries`)).json()).items
}

async function job(coreId = 'worker'): Promise<string> {
  const answer = await served.post('/dispatch', { coreId })
  return z.looseObject({ task_id: z.string() }).parse(await answer.json()).task_id
}

const finish = (id: string, status = 'succeeded') =>
  served.call(`/jobs/${id}/status`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status }),
  })

function isSigned({ headers, text }: ReceivedPost, secret: string): boolean {
  const header = String(headers['x-signature'])
  const t = /t=(\d+)/.exec(header)?.[1]
  return header.includes(`v1=${createHmac('sha256', secret).update(`${t}.${text}`).digest('hex')}`)
}

test('A5 the end of a job is told once, signed, in the shape in which webhooks are taken', async () => {
  const hook = await add()
  const id = await job()
  expect((await finish(id)).status).toBe(200)
  await expect.poll(() => receiver.received.length).toBe(1)
  const [post] = receiver.received as [ReceivedPost]
  expect(post.body).toMatchObject({ event: 'task.completed', task_id: id, core_id: 'worker', status: 'succeeded' })
  expect(Object.keys(post.body).toSorted()).toEqual(
    ['core_id', 'data', 'event', 'id', 'status', 'task_id', 'timestamp'].toSorted(),
  )
  expect(post.headers['x-event-id']).toBe(post.body['id'])
  expect(isSigned(post, hook.secret)).toBe(true)
  await expect.poll(async () => (await logOf(hook.id))[0]).toMatchObject({ state: 'delivered', attempts: 1 })
})

test('A5 the tasks of a project are told of with their project, other events by their own names', async () => {
  await add({ events: ['task.completed', 'project.created'] })
  const answer = await served.post('/api/runs', { prompt: 'One bird.', profile: 'demo' })
  expect(answer.status, await answer.clone().text()).toBe(202)
  await expect
    .poll(() => receiver.received.map(({ body }) => body['event']).toSorted())
    .toEqual(['project.created', 'task.completed'])
  const of = (name: string) => receiver.received.find(({ body }) => body['event'] === name)?.body
  expect(of('task.completed')).toMatchObject({ core_id: null, data: { project_id: expect.stringMatching(/^prj_/) } })
  expect(of('project.created')).toMatchObject({
    project_id: expect.stringMatching(/^prj_/),
    data: { name: expect.any(String) },
  })
})

test('A5 what was refused is tried again, signed anew under the same event id, until it is taken; each try is on record', async () => {
  const hook = await add()
  receiver.answers.push(500, null, 302)
  await finish(await job(), 'failed')
  await expect.poll(() => receiver.received.length).toBe(4)
  expect(new Set(receiver.received.map(({ headers }) => headers['x-event-id'])).size).toBe(1)
  expect(receiver.received.every((post) => isSigned(post, hook.secret))).toBe(true)
  await expect.poll(async () => (await logOf(hook.id))[0]).toMatchObject({ state: 'delivered', attempts: 4 })
  const tries = (await logOf(hook.id))[0]?.tries ?? []
  expect(tries.map(({ status }) => status)).toEqual([200, 302, null, 500])
  expect(tries[1]?.error).toContain('redirects are not followed')
  expect(tries[2]?.error).not.toBe('')
})

test('A5 one that does not answer holds up nobody else, and gets its events in order once it is back', async () => {
  const port = Number(receiver.host.split(':')[1])
  const dead = await add({ events: ['task.completed'] })
  await receiver.close()
  const other = await startReceiver()
  try {
    await add({ url: other.url, private_host: other.host })
    const jobs = [await job(), await job(), await job()]
    for (const id of jobs) await finish(id)
    await expect.poll(() => other.received.length).toBe(3)
    await expect.poll(async () => (await logOf(dead.id)).at(-1)?.attempts ?? 0).toBeGreaterThan(0)
    receiver = await startReceiver(port)
    await expect.poll(() => receiver.received.length).toBe(3)
    await expect.poll(async () => (await logOf(dead.id)).map(({ state }) => state)).toEqual(Array(3).fill('delivered'))
    if ((await logOf(dead.id)).every(({ attempts }) => attempts < 5)) {
      expect(receiver.received.map(({ body }) => body['task_id'])).toEqual(jobs)
    }
  } finally {
    await other.close()
  }
})

test('A5 a delivery that is refused again and again does not hold up the next', async () => {
  await add({ events: ['task.completed'] })
  receiver.answers.push(400)
  const first = await job()
  const second = await job()
  await finish(first)
  await finish(second)
  await expect
    .poll(() => receiver.received.map(({ body }) => body['task_id']))
    .toEqual(expect.arrayContaining([first, second]))
})

test('A5 410 switches a webhook off; a person switches it on again, and sends again what failed', async () => {
  const elsewhere = await startReceiver()
  onTestFinished(() => elsewhere.close())
  await add({ url: elsewhere.url, private_host: elsewhere.host })
  const hook = await add()
  receiver.answers.push(410)
  await finish(await job())
  const now = () => served.core.webhooks.list().find(({ id }) => id === hook.id)
  await expect.poll(() => now()?.active).toBe(false)
  expect(now()?.reason).toContain('410')
  const [failed] = await logOf(hook.id)
  expect(failed?.state).toBe('failed')
  expect((await served.post(`/api/webhook-deliveries/${failed?.id}/redeliver`, {})).status).toBe(409)
  // What happens while it is off is not kept for it; another webhook shows that it was looked at.
  const later = await job()
  await finish(later)
  const heard = () => elsewhere.received.map(({ text }) => text).join()
  await expect.poll(heard).toContain(later)
  expect(now()?.waiting).toBe(0)
  const on = await served.call(`/api/webhooks/${hook.id}`, {
    ...{ method: 'PATCH', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ active: true }),
  })
  expect(on.status).toBe(200)
  expect((await served.post(`/api/webhook-deliveries/${failed?.id}/redeliver`, {})).status).toBe(202)
  await expect.poll(async () => (await logOf(hook.id))[0]).toMatchObject({ state: 'delivered', attempts: 2 })
  const ids = receiver.received.map(({ headers }) => headers['x-event-id'])
  expect(ids).toEqual([ids[0], ids[0]])
})

test('A5 T6 no private address is told anything unless an admin has named it, in any spelling', async () => {
  const port = receiver.host.split(':')[1]
  const urls = [`http://127.0.0.1:${port}/`, `http://[::ffff:127.0.0.1]:${port}/`, `http://2130706433:${port}/`]
  for (const url of [...urls, 'http://169.254.169.254/', 'http://10.0.0.1/']) {
    const hook = await add({ url, private_host: null })
    const tried = webhookDelivery.parse(await (await served.post(`/api/webhooks/${hook.id}/test`, {})).json())
    expect(tried.tries[0]).toMatchObject({ status: null, error: expect.stringContaining('Nothing was sent') })
  }
  // Named, but a place where clouds give out secrets.
  const cloud = await add({ url: 'http://169.254.169.254/', private_host: '169.254.169.254' })
  const tried = webhookDelivery.parse(await (await served.post(`/api/webhooks/${cloud.id}/test`, {})).json())
  expect(tried.tries[0]?.error).toContain('never asked')
  expect(receiver.received).toEqual([])
  const other = { url: 'https://example.org/', private_host: receiver.host }
  expect((await served.post('/api/webhooks', other)).status).toBe(400)
  expect((await served.post('/api/webhooks', { url: 'https://user:word@example.org/' })).status).toBe(400)
  expect((await served.post('/api/webhooks', { url: 'file:///etc/passwd' })).status).toBe(400)
})

test('A5 a trial is sent at once, and a new secret signs beside the former one for a while', async () => {
  const hook = await add()
  const first = webhookDelivery.parse(await (await served.post(`/api/webhooks/${hook.id}/test`, {})).json())
  expect(first).toMatchObject({ event: 'webhook.test', state: 'delivered', attempts: 1 })
  const next = made.parse(await (await served.post(`/api/webhooks/${hook.id}/rotate`, { overlap_hours: 1 })).json())
  expect(next.former_secret_until).not.toBeNull()
  await served.post(`/api/webhooks/${hook.id}/test`, {})
  const last = made.parse(await (await served.post(`/api/webhooks/${hook.id}/rotate`, { overlap_hours: 0 })).json())
  await served.post(`/api/webhooks/${hook.id}/test`, {})
  const signedBy = (index: number, secret: string) => isSigned(receiver.received[index] as ReceivedPost, secret)
  expect([signedBy(0, hook.secret), signedBy(1, hook.secret), signedBy(1, next.secret)]).toEqual([true, true, true])
  expect([signedBy(2, next.secret), signedBy(2, last.secret)]).toEqual([false, true])
})

test('S7 S8 who changed a webhook is in the trail, and its secret is in no answer, event or database', async () => {
  const hook = await add()
  await served.post(`/api/webhooks/${hook.id}/rotate`, {})
  const seen = await Promise.all(
    ['/api/webhooks', '/api/events?limit=500', '/api/audit?limit=100'].map(async (path) =>
      (await served.call(path)).text(),
    ),
  )
  expect(seen[2]).toContain('webhook.created')
  expect(seen[2]).toContain('webhook.rotated')
  for (const text of seen) expect(text).not.toContain(hook.secret)
  const database = readFileSync(join(served.data_dir, 'baton.db'))
  const log = readFileSync(join(served.data_dir, 'baton.db-wal'))
  expect(Buffer.concat([database, log]).includes(hook.secret)).toBe(false)
})

test('A5 only the chosen project is told of', async () => {
  const answer = await served.post('/api/projects', { requirements: 'A', profile: 'demo' })
  const { id } = z.looseObject({ id: z.string() }).parse(await answer.json())
  await add({ events: ['project.changed'], project_id: id })
  const other = z
    .looseObject({ id: z.string() })
    .parse(await (await served.post('/api/projects', { requirements: 'B' })).json())
  for (const one of [other.id, id]) {
    await served.call(`/api/projects/${one}`, {
      ...{ method: 'PATCH', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ name: 'renamed' }),
    })
  }
  await expect.poll(() => receiver.received.length).toBeGreaterThan(0)
  expect(receiver.received.map(({ body }) => body['project_id'])).toEqual([id])
  expect((await served.post('/api/webhooks', { url: receiver.url, project_id: 'prj_zzz' })).status).toBe(400)
})
