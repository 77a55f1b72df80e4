import { afterEach, expect, test, vi } from 'vitest'
import { type Caller, LOCAL_CALLER } from './caller.ts'
import { createRightsWatch } from './rights-watch.ts'

afterEach(() => void vi.useRealTimers())

const worker: Caller = { ...LOCAL_CALLER, id: 'usr_1', token: 7 }

test('S2 S6 whoever watches is told of a change, and of the end of a login, until they stop', () => {
  vi.useFakeTimers()
  let end = Date.now() + 60_000
  const rights = createRightsWatch(() => end)
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
  const rights = createRightsWatch(() => Date.now() + 100 * 24 * 60 * 60_000)
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
