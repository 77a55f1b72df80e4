import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { webhookDelivery } from '../../src-contract/webhook.ts'
import { startReceiver, type WebhookReceiver } from '../doubles/webhook-receiver.ts'
import { type Baton, createBaton } from '../support/baton-process.ts'

let baton: Baton
let receiver: WebhookReceiver
beforeEach(async () => {
  baton = createBaton()
  receiver = await startReceiver()
})
afterEach(async () => {
  await baton.close()
  await receiver.close()
})

/** Adds a webhook on this machine, which is meant. */
async function add(): Promise<{ id: string; secret: string }> {
  const made = await baton.run(['webhooks', 'add', receiver.url, '--event', 'task.failed', '--private', '--json'])
  expect(made.code, made.stderr).toBe(0)
  return z.object({ id: z.string(), secret: z.string() }).parse(JSON.parse(made.stdout))
}

test('X2 A5 baton webhooks lists them, tests one, and shows what was sent to it', async () => {
  const none = await baton.run(['webhooks'])
  expect([none.code, none.stderr]).toEqual([0, expect.stringContaining('There is no webhook')])
  const { id, secret } = await add()
  const listed = await baton.run(['webhooks', '--json'])
  expect(JSON.parse(listed.stdout)).toMatchObject({ id, url: receiver.url, events: ['task.failed'], active: true })
  expect(listed.stdout).not.toContain(secret)
  expect((await baton.run(['webhooks'])).stdout).toContain(receiver.url)

  const tested = await baton.run(['webhooks', 'test', id])
  expect([tested.code, tested.stderr]).toEqual([0, expect.stringContaining('arrived. 200 after')])
  expect(receiver.received).toMatchObject([{ body: { event: 'webhook.test' } }])
  receiver.answers.push(404)
  const refused = await baton.run(['webhooks', 'test', id, '--json'])
  expect(refused.code).toBe(1)
  expect(webhookDelivery.parse(JSON.parse(refused.stdout)).tries).toMatchObject([{ status: 404 }])

  const log = await baton.run(['webhooks', 'deliveries', id, '--json'])
  const rows = log.stdout
    .trim()
    .split('\n')
    .map((line) => webhookDelivery.parse(JSON.parse(line)))
  expect(rows.map(({ event, tries: [last] }) => [event, last?.status])).toEqual([
    ['webhook.test', 404],
    ['webhook.test', 200],
  ])
  expect((await baton.run(['webhooks', 'deliveries', id])).stdout).toContain('It answered 404.')
  const unknown = await baton.run(['webhooks', 'test', 'whk_zz'])
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no webhook whk_zz')])
})

test('X2 A5 baton webhooks add shows the secret once and alone; edit, rotate and remove change one', async () => {
  const added = await baton.run([
    'webhooks',
    'add',
    'https://example.org/hook',
    '--event',
    'task.failed',
    'budget.stopped',
  ])
  expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('of task.failed, budget.stopped')])
  expect(added.stdout).toMatch(/^whsec_\S+\n$/)
  const [id = ''] = /whk_\w+/.exec(added.stderr) ?? []
  const edit = async (...args: string[]) => {
    const { code, stdout, stderr } = await baton.run(['webhooks', 'edit', id, ...args, '--json'])
    return code === 0 ? (JSON.parse(stdout) as unknown) : { code, stderr }
  }

  // Whoever gives another URL does not say again that its host is meant.
  expect(await edit('--url', receiver.url, '--private', '--event', '*')).toMatchObject({
    ...{ id, url: receiver.url, events: ['*'], private_host: receiver.host, active: true },
  })
  expect(await edit('--off')).toMatchObject({ url: receiver.url, private_host: receiver.host, active: false })
  expect(await edit('--on', '--private')).toMatchObject({ private_host: receiver.host, active: true })
  const rotated = await baton.run(['webhooks', 'rotate', id, '--overlap', '1'])
  const secret = rotated.stdout.trim()
  expect([rotated.code, secret]).toEqual([0, expect.stringMatching(/^whsec_/)])
  expect(secret).not.toBe(added.stdout.trim())
  expect((await baton.run(['webhooks', 'test', id])).code).toBe(0)
  const [told] = receiver.received
  const header = String(told?.headers['x-signature'])
  const t = /t=(\d+)/.exec(header)?.[1]
  expect(header).toContain(createHmac('sha256', secret).update(`${t}.${told?.text}`).digest('hex'))
  expect(await edit('--url', 'https://example.org/other')).toMatchObject({ private_host: null })

  // What is wrong is wrong usage, and says what would be right.
  expect(await edit()).toMatchObject({ code: 2, stderr: expect.stringContaining('Say what to change') })
  expect(await edit('--url', 'example')).toMatchObject({ code: 2 })
  expect(await edit('--event', 'task.odd')).toMatchObject({ code: 2, stderr: expect.stringContaining('project.state') })
  expect((await baton.run(['webhooks', 'add', 'ftp://example.org/', '--private'])).code).toBe(2)
  expect((await baton.run(['webhooks', 'add', 'https://example.org/', '--project', 'prj_zz'])).code).toBe(2)

  expect((await baton.run(['webhooks', 'remove', id])).code).toBe(0)
  expect((await baton.run(['webhooks'])).stdout).toBe('')
  const gone = await baton.run(['webhooks', 'remove', id])
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining(`There is no webhook ${id}`)])
})

test('X2 A5 S8 baton webhooks incoming keeps the secrets of senders: made ones are shown once, brought ones never', async () => {
  const made = await baton.run(['webhooks', 'incoming', 'add', 'builder'])
  expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^whsec_\S+\n$/)])
  const own = 'correct horse battery staple'
  const brought = await baton.run(['webhooks', 'incoming', 'add', 'mill', '--stdin', '--json'], { stdin: `${own}\n` })
  expect([brought.code, brought.stdout]).toEqual([0, expect.stringContaining('"name":"mill"')])
  const short = await baton.run(['webhooks', 'incoming', 'add', 'short', '--stdin'], { stdin: 'abc' })
  expect([short.code, short.stderr]).toEqual([2, expect.stringContaining('at least 16 characters')])
  const listed = await baton.run(['webhooks', 'incoming', '--json'])
  const rows = listed.stdout
    .trim()
    .split('\n')
    .map((line) => z.object({ id: z.string(), name: z.string() }).parse(JSON.parse(line)))
  expect(rows.map(({ name }) => name).toSorted()).toEqual(['builder', 'mill'])
  for (const secret of [own, made.stdout.trim()]) {
    expect([brought.stdout, brought.stderr, listed.stdout].join()).not.toContain(secret)
  }
  for (const { id } of rows) expect((await baton.run(['webhooks', 'incoming', 'remove', id])).code).toBe(0)
  expect((await baton.run(['webhooks', 'incoming'])).stderr).toContain('There is no secret')
})
