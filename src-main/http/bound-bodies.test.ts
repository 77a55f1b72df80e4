import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { LOCAL_CALLER } from '#core/identity/caller.ts'
import { createShares } from '#core/shares.ts'
import { boundBodies } from './bound-bodies.ts'
import type { RequestEnv } from './request-env.ts'

const PIECES = 200_000

/** Bytes that are in use, without what only waits to be collected. */
function used(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('S5 a body of unannounced length that comes byte by byte takes no more memory than its bytes', async () => {
  const limit = (): number => 1_000_000
  const bodies = createShares(limit)
  const app = new Hono<RequestEnv>()
  app.use(async (context, next) => {
    context.set('caller', LOCAL_CALLER)
    await next()
  })
  app.use(boundBodies(bodies, limit, () => false))
  app.post('/', async (context) => context.text(String((await context.req.text()).length)))

  const before = used()
  let grown = Number.NaN
  let pieces = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pieces += 1
      controller.enqueue(Uint8Array.of(120))
      if (pieces < PIECES) return
      grown = used() - before
      controller.close()
    },
  })
  const headers = { 'transfer-encoding': 'chunked' }
  const answer = await app.request(new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' }))
  expect(await answer.text()).toBe(String(PIECES))
  expect(grown).toBeLessThan(10_000_000)
  expect(bodies.of(LOCAL_CALLER.id)).toBe(0)
})
