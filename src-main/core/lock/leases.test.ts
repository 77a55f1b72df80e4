import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { processStart } from '../process/process-start.ts'
import { storeBench } from '../store/store-bench.ts'
import { createLeaseStats } from './lease-stats.ts'
import { createLeaseStore } from './lease-store.ts'
import { createLeases, type LeaseRequest } from './leases.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

function leaseBench() {
  const { store, events } = storeBench()
  const rows = createLeaseStore(store)
  const stats = createLeaseStats(store)
  const leases = createLeases(store, rows, stats, events, SILENT)
  return { store, events, rows, stats, leases }
}

function want(owner: string, change: Partial<LeaseRequest> = {}): LeaseRequest {
  return { resource: 'gpu:0', owner, purpose: '', process: null, priority: 1, ttl_ms: null, capacity: 1, ...change }
}

test('L1 gives an exclusive lock to one owner and tells the next who has it', async () => {
  const { leases } = leaseBench()
  const first = await leases.acquire(want('a', { purpose: 'render of Owl' }), 0)
  const second = await leases.acquire(want('b'), 0)
  expect(first).toMatchObject({ ok: true, value: { owner: 'a', token: 1 } })
  expect(second).toMatchObject({
    ok: false,
    error: { kind: 'held', message: expect.stringContaining('a (render of Owl)') },
  })
  expect(leases.list()).toHaveLength(1)
})

test('L1 only the owner releases or extends', async () => {
  const { leases } = leaseBench()
  const held = await leases.acquire(want('a'), 0)
  if (!held.ok) throw new Error('not granted')
  expect(await leases.release(held.value.id, 'b')).toMatchObject({ ok: false, error: { kind: 'not_owner' } })
  expect(await leases.extend(held.value.id, 'b', 1_000)).toMatchObject({ ok: false, error: { kind: 'not_owner' } })
  expect(await leases.release(held.value.id, 'a')).toEqual({ ok: true, value: undefined })
  expect(await leases.release(held.value.id, 'a')).toMatchObject({ ok: false, error: { kind: 'not_held' } })
})

test('L1 who waits gets its turn by priority, then by age, and each grant has a larger token', async () => {
  const { leases, stats } = leaseBench()
  const held = await leases.acquire(want('holder'), 0)
  if (!held.ok) throw new Error('not granted')
  const order: string[] = []
  const wait = async (owner: string, priority: number) => {
    const got = await leases.acquire(want(owner, { priority }), 60_000)
    if (!got.ok) throw new Error(got.error.message)
    order.push(`${owner}:${got.value.token}`)
    await leases.release(got.value.id, owner)
  }
  const all = [wait('low', 0), wait('first', 5), wait('second', 5), wait('high', 9)]
  await expect.poll(() => leases.list().length).toBe(5)
  await leases.release(held.value.id, 'holder')
  await Promise.all(all)
  expect(order).toEqual(['high:2', 'first:3', 'second:4', 'low:5'])
  expect(stats.read()).toMatchObject({ active: 0, waiting: 0, kinds: [{ kind: 'gpu', granted: 5 }] })
})

test('L1 ages: a low priority that waits long enough goes before a high one that just came', async () => {
  const { leases, rows, store } = leaseBench()
  const held = await leases.acquire(want('holder'), 0)
  if (!held.ok) throw new Error('not granted')
  // Asked for two minutes ago, as the table would say after a long wait.
  await store.write((tx) =>
    rows.insert(tx, {
      ...want('old', { priority: 0 }),
      owner_pid: null,
      owner_started: null,
      user: null,
      project_id: null,
      run_id: null,
      requested_at: Date.now() - 120_000,
    }),
  )
  const young = leases.acquire(want('young', { priority: 9 }), 60_000)
  await expect.poll(() => leases.list().length).toBe(3)
  await leases.release(held.value.id, 'holder')
  const owners = leases.list().filter((row) => row.token !== null)
  expect(owners.map((row) => row.owner)).toEqual(['old'])
  leases.close()
  expect(await young).toMatchObject({ ok: false })
})

test('L1 a wait ends with a timeout that names the holder, and leaves nothing in the queue', async () => {
  const { leases, stats } = leaseBench()
  await leases.acquire(want('a'), 0)
  expect(await leases.acquire(want('b'), 20)).toMatchObject({
    ok: false,
    error: { kind: 'timeout', message: expect.stringContaining('held by a') },
  })
  expect(leases.list()).toHaveLength(1)
  expect(stats.read().kinds).toMatchObject([{ timeouts: 1 }])
})

test('L1 an expired lock goes to the next, and its late owner is told to stop', async () => {
  const { leases } = leaseBench()
  const held = await leases.acquire(want('a', { ttl_ms: 100 }), 0)
  if (!held.ok) throw new Error('not granted')
  const next = await leases.acquire(want('b'), 60_000)
  expect(next).toMatchObject({ ok: true, value: { owner: 'b', token: 2 } })
  expect(await leases.extend(held.value.id, 'a', 1_000)).toMatchObject({ ok: false, error: { kind: 'not_held' } })
})

test('L1 a lock of a dead process is taken over', async () => {
  const { leases } = leaseBench()
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const pid = child.pid ?? 0
  await once(child, 'spawn')
  await leases.acquire(want('child', { process: { pid, started: processStart(pid) } }), 0)
  await leases.sweep()
  expect(leases.list()).toMatchObject([{ owner: 'child' }])
  child.kill('SIGKILL')
  await once(child, 'exit')
  await leases.sweep()
  expect(await leases.acquire(want('b'), 0)).toMatchObject({ ok: true, value: { token: 2 } })
})

test('L1 a counted lock has as many holders as its capacity, whatever is asked for and released', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ owner: fc.constantFrom('a', 'b', 'c', 'd'), release: fc.boolean() }), { maxLength: 30 }),
      async (capacity, steps) => {
        const { leases, store } = leaseBench()
        const tokens: number[] = []
        for (const { owner, release } of steps) {
          const mine = leases.list().find((row) => row.owner === owner)
          if (release && mine !== undefined) await leases.release(mine.id, owner)
          else {
            const free = leases.list().length < capacity
            const got = await leases.acquire(want(owner, { capacity }), 0)
            expect(got.ok).toBe(free)
            if (got.ok) tokens.push(got.value.token ?? 0)
          }
          expect(leases.list().length).toBeLessThanOrEqual(capacity)
        }
        expect(tokens).toEqual(tokens.toSorted((x, y) => x - y))
        expect(new Set(tokens).size).toBe(tokens.length)
        store.close()
      },
    ),
    { numRuns: 25 },
  )
})
