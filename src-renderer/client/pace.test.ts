import { expect, onTestFinished, test, vi } from 'vitest'
import { createPace } from './pace.ts'

test('U5 long work waits for a frame after each slice, and goes on at once within one', async () => {
  let now = 0
  let frames = 0
  const pace = createPace(
    () => now,
    (then) => {
      frames += 1
      setTimeout(then)
    },
  )
  now = 7
  expect(pace()).toBeUndefined()
  now = 8
  await pace()
  expect(frames).toBe(1)
  expect(pace()).toBeUndefined()
  now = 16
  await pace()
  expect(frames).toBe(2)
})

/** A page whose frames and timers come when the test says so; `wait` has begun to wait for what it has to draw. */
function page(visibilityState: 'visible' | 'hidden') {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const frames = new Map<number, () => void>()
  vi.stubGlobal('document', { visibilityState })
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => {
    frames.set(1, draw)
    return 1
  })
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => frames.delete(frame))
  onTestFinished(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  let now = 0
  const pace = createPace(() => now)
  now = 8
  const waited = pace()
  let isOver = false
  const over = waited?.then(() => {
    isOver = true
  })
  return { frames, over, isOver: () => isOver }
}

test('U5 work on a page that is seen goes on behind the next frame, not before it is drawn', async () => {
  const { frames, isOver } = page('visible')
  frames.get(1)?.()
  await Promise.resolve()
  await Promise.resolve()
  expect(isOver()).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver()).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('U5 work on a page that is seen but has nothing to draw goes on after 50 ms, and waits for no frame any more', async () => {
  const { frames, isOver } = page('visible')
  await vi.advanceTimersByTimeAsync(49)
  expect(isOver()).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver()).toBe(true)
  expect(frames.size).toBe(0)
})

test('U5 work on a hidden page waits for neither frames nor timers, which are held back there', async () => {
  const { frames, over } = page('hidden')
  await over
  expect(frames.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
