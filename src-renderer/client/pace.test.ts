import { expect, test } from 'vitest'
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
