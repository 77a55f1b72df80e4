import { afterAll, beforeAll, expect, test } from 'vitest'
import { wireError } from '../../src-contract/error.ts'
import { type Lock, lock, lockStats } from '../../src-contract/lock.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

async function acquire(input: object): Promise<Lock> {
  const answer = await served.post('/api/locks', input)
  expect(answer.status).toBe(201)
  return lock.parse(await answer.json())
}

async function locks(): Promise<Lock[]> {
  return ((await (await served.call('/api/locks')).json()) as { items: unknown[] }).items.map((item) =>
    lock.parse(item),
  )
}

async function errorOf(answer: Response) {
  return wireError.parse(await answer.json()).error
}

const release = (id: string, owner: string) =>
  served.call(`/api/locks/${id}?owner=${encodeURIComponent(owner)}`, { method: 'DELETE' })

test('L1 L2 a script takes a lock with a fencing token, extends it and gives it back; only its owner may', async () => {
  const first = await acquire({
    resource: 'worktree:/srv/a',
    owner: 'nightly build',
    purpose: 'builds',
    ttl_ms: 60_000,
  })
  expect(first).toMatchObject({ state: 'held', owner: 'nightly build', purpose: 'builds', capacity: 1, run_id: null })
  expect(await locks()).toContainEqual(first)

  const foreign = await release(first.id, 'somebody')
  expect(foreign.status).toBe(403)
  expect((await errorOf(foreign)).message).toMatch(/belongs to nightly build/)

  const extended = await served.post(`/api/locks/${first.id}/extend`, { owner: 'nightly build', ttl_ms: 3_600_000 })
  expect(Date.parse(lock.parse(await extended.json()).expires_at ?? '')).toBeGreaterThan(Date.now() + 3_000_000)

  expect((await release(first.id, 'nightly build')).status).toBe(200)
  expect(await locks()).toEqual([])
  const gone = await release(first.id, 'nightly build')
  expect(gone.status).toBe(404)
  expect((await errorOf(gone)).message).toMatch(/released, or it expired/)
  expect((await served.post(`/api/locks/${first.id}/extend`, { owner: 'nightly build' })).status).toBe(404)

  const second = await acquire({ resource: 'worktree:/srv/b', owner: 'nightly build' })
  expect(second.token).toBeGreaterThan(first.token ?? 0)
  await release(second.id, 'nightly build')
})

test('L1 a lock that is held is refused with who holds it and since when; who waits gets it next', async () => {
  const held = await acquire({ resource: 'gpu:1', owner: 'render', purpose: 'owls' })
  const refused = await served.post('/api/locks', { resource: 'gpu:1', owner: 'other' })
  expect(refused.status).toBe(409)
  const { message, details } = await errorOf(refused)
  expect(message).toBe(`gpu:1 is held by render (owls) since ${held.granted_at}.`)
  expect(details).toMatchObject({ kind: 'held', holders: [{ id: held.id, owner: 'render' }] })

  const waiting = acquire({ resource: 'gpu:1', owner: 'other', wait_ms: 600_000 })
  await eventually('a waiting request', async () => (await locks()).some((each) => each.state === 'waiting'))
  await release(held.id, 'render')
  const next = await waiting
  expect(next).toMatchObject({ owner: 'other', state: 'held' })

  const late = await served.post('/api/locks', { resource: 'gpu:1', owner: 'third', wait_ms: 50 })
  expect(late.status).toBe(409)
  expect((await errorOf(late)).details).toMatchObject({ kind: 'timeout', holders: [{ owner: 'other' }] })
  await release(next.id, 'other')

  const stats = lockStats.parse(await (await served.call('/api/locks/stats')).json())
  expect(stats).toMatchObject({ active: 0, waiting: 0 })
  expect(stats.kinds.find((each) => each.kind === 'gpu')).toMatchObject({ granted: 2, waited: 1, timeouts: 1 })
})

test('L1 a script that goes away while it waits leaves nobody holding the lock', async () => {
  const held = await acquire({ resource: 'gpu:2', owner: 'render' })
  const leaving = new AbortController()
  const gone = served
    .call('/api/locks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resource: 'gpu:2', owner: 'gone', wait_ms: 600_000, ttl_ms: 86_400_000 }),
      signal: leaving.signal,
    })
    .catch((fault: unknown) => fault)
  await eventually('a waiting request', async () => (await locks()).some((each) => each.state === 'waiting'))
  leaving.abort()
  await gone
  await eventually('the end of the request', async () => (await locks()).every((each) => each.state === 'held'))
  await release(held.id, 'render')
  expect(await locks()).toEqual([])
})

test('L1 an expired lock is free again, and health counts those that are held', async () => {
  await acquire({ resource: 'gpu:3', owner: 'short', ttl_ms: 100 })
  const next = await acquire({ resource: 'gpu:3', owner: 'next', wait_ms: 600_000 })
  const health = (await (await served.call('/api/health')).json()) as { metrics: { active_locks: number } }
  expect(health.metrics.active_locks).toBe(1)
  await release(next.id, 'next')
})

test('L2 what tasks hold can be looked at but not taken, and a wrong request says what is wrong', async () => {
  const taken = await served.post('/api/locks', { resource: 'write:prj_1/', owner: 'me' })
  expect(taken.status).toBe(403)
  expect((await errorOf(taken)).message).toMatch(/Pause the project/)
  const wrong = await served.post('/api/locks', { resource: 'no kind', owner: 'me' })
  expect(wrong.status).toBe(400)
  expect((await errorOf(wrong)).message).toMatch(/a kind, a colon and a name/)
})
