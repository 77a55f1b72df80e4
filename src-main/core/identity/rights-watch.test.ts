import { afterEach, expect, test, vi } from 'vitest'
import { StorageFault } from '../store/trouble.ts'
import { type Caller, LOCAL_CALLER } from './caller.ts'
import { createRightsWatch } from './rights-watch.ts'

afterEach(() => void vi.useRealTimers())

const worker: Caller = { ...LOCAL_CALLER, id: 'usr_1', token: 7 }
const fail = (cause: unknown): never => {
  throw cause
}

test('S2 S6 whoever watches is told of a change, and of the end of a login, until they stop', () => {
  vi.useFakeTimers()
  let end = Date.now() + 60_000
  const rights = createRightsWatch(() => end, fail)
  let looks = 0
  const stop = rights.watch(worker, () => {
    looks += 1
  })
  rights.changed()
  expect(looks).toBe(1)
  // It was refreshed before it came to its end, which is looked at anew.
  end += 60_000
  vi.advanceTimersByTime(60_001)
  expect(looks).toBe(2)
  vi.advanceTimersByTime(59_000)
  expect(looks).toBe(2)
  vi.advanceTimersByTime(1_001)
  expect(looks).toBe(3)
  stop()
  rights.changed()
  vi.advanceTimersByTime(1_000_000)
  expect([looks, vi.getTimerCount()]).toEqual([3, 0])
})

test('S2 a token that is good for a hundred days is not looked at all the time, and nothing watches the owner', () => {
  vi.useFakeTimers()
  const rights = createRightsWatch(() => Date.now() + 100 * 24 * 60 * 60_000, fail)
  let looks = 0
  const look = (): void => {
    looks += 1
  }
  rights.watch(worker, look)
  rights.watch(LOCAL_CALLER, () => expect.unreachable('of the owner'))
  rights.changed()
  vi.advanceTimersByTime(60 * 60_000)
  expect(looks).toBe(1)
})

test('S2 D4 a disk that cannot be read ends nobody’s watch: it is looked again until it can be said who may what', () => {
  vi.useFakeTimers()
  const reported: unknown[] = []
  let isBroken = true
  const read = (): void => {
    if (isBroken) throw new StorageFault('io')
  }
  const rights = createRightsWatch(
    () => {
      read()
      return Date.now() + 60_000
    },
    (cause) => reported.push(cause),
  )
  let looks = 0
  const others: string[] = []
  rights.watch(worker, () => {
    read()
    looks += 1
  })
  rights.watch(worker, () => others.push('told'))
  rights.changed()
  expect([looks, others]).toEqual([0, ['told']])
  expect(reported.length).toBeGreaterThan(1)
  vi.advanceTimersByTime(5_000)
  expect(looks).toBe(0)
  isBroken = false
  vi.advanceTimersByTime(1_001)
  expect(looks).toBe(1)
})
