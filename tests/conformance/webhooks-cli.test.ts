import { afterEach, beforeEach, expect, test } from 'vitest'
import { webhookDelivery } from '../../src-contract/webhook.ts'
import { createCore } from '../../src-main/core/create-core.ts'
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

/** Adds a webhook, as the window does; there is no command for it. */
async function add(): Promise<{ id: string; secret: string }> {
  const core = await createCore({ data_dir: baton.data_dir, version: '0', demo: false, ollama_host: '127.0.0.1:1' })
  if (!core.ok) throw new Error(JSON.stringify(core.error))
  const { url, host } = receiver
  const made = await core.value.webhooks.create({
    url,
    events: ['task.failed'],
    project_id: null,
    private_host: host,
  })
  await core.value.close()
  if (!made.ok) throw new Error(made.error.message)
  return made.value
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
