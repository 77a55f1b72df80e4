import { connect, type Socket } from 'node:net'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { createEventFeed } from '#core/event/event-feed.ts'
import { LOCAL_CALLER } from '#core/identity/caller.ts'
import { storeBench } from '#core/store/store-bench.ts'
import { eventStream } from './event-stream.ts'
import { MAX_WAITING_BYTES } from './follow.ts'
import { honoListener } from './hono-listener.ts'
import { listen } from './listen.ts'
import type { RequestEnv } from './request-env.ts'
import { createStreamSlots } from './stream-slots.ts'

const EVENT_BYTES = 20_000

/** A real log behind a real port; `sockets` are the server's ends. */
async function streamBench(stallMs?: number) {
  const { store, events } = storeBench()
  const feed = createEventFeed({ log: events, ownerOf: () => null, report: store.report })
  const sockets: Socket[] = []
  const app = new Hono<RequestEnv>()
  const slots = createStreamSlots(() => 10)
  app.use(async (context, next) => {
    context.set('caller', LOCAL_CALLER)
    await next()
  })
  app.get('/', (context) => {
    sockets.push(context.env.incoming.socket)
    const core = { events: feed, identity: { again: () => LOCAL_CALLER, watch: () => () => undefined } }
    return eventStream({ context, core, slots, ...(stallMs !== undefined && { stallMs }) })
  })
  const listener = await listen({ load: async () => honoListener(app.fetch) }, { port: 0 })
  if (!listener.ok) throw new Error(listener.error)
  onTestFinished(async () => {
    feed.close()
    await listener.value.close()
  })

  async function open(after: string, isReading: boolean, http = '1.1') {
    const socket = connect(listener.ok ? (listener.value.port ?? 0) : 0, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    const seen = { text: '' }
    if (isReading) socket.on('data', (chunk) => (seen.text += chunk.toString()))
    else socket.pause()
    const before = sockets.length
    socket.write(`GET /?after=${after} HTTP/${http}\r\nHost: 127.0.0.1\r\n\r\n`)
    await expect.poll(() => sockets.length).toBe(before + 1)
    return { seen, far: sockets[before] }
  }
  const append = (count: number) =>
    store.write((tx) => {
      for (let index = 0; index < count; index++) {
        events.append(tx, 'plan.repaired', {}, { plan_id: 'pln_1', repairs: ['x'.repeat(EVENT_BYTES)] })
      }
    })
  const ids = (text: string) => [...text.matchAll(/^id: \S+-(\d+)$/gm)].map(([, seq]) => Number(seq))
  return { events, append, open, ids }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

test('A4 a reader that reads nothing is dropped with no more than its bound waiting; others lose nothing', async () => {
  const { events, append, open, ids } = await streamBench()
  const stuck = await open(events.id(0), false)
  const well = await open(events.id(0), true)
  let most = 0
  let written = 0
  while (stuck.far?.destroyed === false) {
    await append(10)
    written += 10
    most = Math.max(most, stuck.far.writableLength)
    // The kernel takes some megabytes; a reader that is never dropped would take all there is.
    expect(written * EVENT_BYTES).toBeLessThan(100_000_000)
    await expect.poll(() => ids(well.seen.text).length).toBe(written)
  }
  expect(most).toBeLessThan(MAX_WAITING_BYTES + 11 * (EVENT_BYTES + 500))
  expect(ids(well.seen.text)).toEqual(upTo(written))
})

test('A4 a reader that takes nothing of the past is dropped, too, and holds less', async () => {
  const { events, append, open } = await streamBench(300)
  await append(1_500)
  const { far } = await open(events.id(0), false)
  let most = 0
  await expect
    .poll(
      () => {
        most = Math.max(most, far?.writableLength ?? 0)
        return far?.destroyed
      },
      { interval: 5, timeout: 10_000 },
    )
    .toBe(true)
  expect(most).toBeLessThan(MAX_WAITING_BYTES)
})

test('A4 a past that is longer than a page, and than any bound, comes whole and in order with what happens meanwhile', async () => {
  const { events, append, open, ids } = await streamBench()
  await append(350)
  const { seen } = await open(events.id(0), true)
  await append(50)
  await expect.poll(() => ids(seen.text).length).toBe(400)
  expect(ids(seen.text)).toEqual(upTo(400))
})

test.each(['1.1', '1.0'])(
  'A4 readers of HTTP/%s get the past and what happens in a form that they know',
  async (http) => {
    const { events, append, open } = await streamBench()
    await append(1)
    const { seen } = await open(events.id(0), true, http)
    await append(2)
    await expect.poll(() => seen.text.split('\nid: ').length).toBe(4)
    const body = seen.text.slice(seen.text.indexOf('\r\n\r\n') + 4)
    const chunks = body.matchAll(/([\da-f]+)\r\n((?:.|\n)*?)\r\n/g)
    // Without chunks there is no line that ends as those of HTTP do.
    const lengths = [...chunks].map(([, length = '', text = '']) => [
      Number.parseInt(length, 16),
      Buffer.byteLength(text),
    ])
    expect(lengths.length > 0).toBe(http === '1.1')
    for (const [said, real] of lengths) expect(real).toBe(said)
    expect(body.replaceAll(/[\da-f]+\r\n((?:.|\n)*?)\r\n/g, '$1')).toMatch(/^(event: event\ndata: .+\nid: .+\n\n){3}$/)
  },
)
