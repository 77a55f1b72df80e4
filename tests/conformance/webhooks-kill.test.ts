import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { startReceiver, type WebhookReceiver } from '../doubles/webhook-receiver.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

let bench: CliBench
let receiver: WebhookReceiver

beforeEach(async () => {
  bench = createCliBench()
  receiver = await startReceiver()
})
afterEach(async () => {
  await bench.close()
  await receiver.close()
})

interface Started {
  kill(): Promise<void>
  send(method: string, path: string, body?: unknown): Promise<unknown>
}

async function serve(): Promise<Started> {
  const process = bench.start(['serve', '--port', '0'], { WEBHOOK_SECRET: 'from the environment' })
  const line = await new Promise<string>((resolve, reject) => {
    process.lines.once('line', resolve)
    process.ended.then((end) => reject(new Error(end.stderr)), reject)
  })
  const { url, token_file } = z.object({ url: z.string(), token_file: z.string() }).parse(JSON.parse(line))
  const authorization = `Bearer ${readFileSync(token_file, 'utf8').trim()}`
  return {
    async kill() {
      process.child.kill('SIGKILL')
      await process.ended
    },
    async send(method, path, body) {
      const answer = await fetch(`${url}${path}`, {
        ...{ method, headers: { authorization, 'content-type': 'application/json' } },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(text)
      return JSON.parse(text) as unknown
    },
  }
}

const dispatched = z.looseObject({ task_id: z.string() })

async function finishJob(core: Started): Promise<string> {
  const { task_id } = dispatched.parse(await core.send('POST', '/dispatch', { coreId: 'worker' }))
  await core.send('PUT', `/jobs/${task_id}/status`, { status: 'succeeded' })
  return task_id
}

test('A5 E5 killed right after something happened, or between two tries, it is told of by the next core', async () => {
  const first = await serve()
  await first.send('POST', '/api/webhooks', { url: receiver.url, private_host: receiver.host })
  receiver.always = 500
  const failing = await finishJob(first)
  await expect.poll(() => receiver.received.length).toBeGreaterThan(0)
  const tried = receiver.received[0]?.headers['x-event-id']
  const unseen = await finishJob(first)
  await first.kill()

  receiver.always = 200
  receiver.received.length = 0
  const second = await serve()
  await expect.poll(() => receiver.received.length).toBeGreaterThanOrEqual(2)
  const told = new Map(receiver.received.map(({ headers, body }) => [body['task_id'], headers['x-event-id']]))
  expect([...told.keys()].toSorted()).toEqual([failing, unseen].toSorted())
  expect(told.get(failing)).toBe(tried)
  const secrets = await second.send('GET', '/api/webhook-secrets')
  expect(secrets).toEqual({ environment: true, items: [] })
  await second.kill()
}, 240_000)
