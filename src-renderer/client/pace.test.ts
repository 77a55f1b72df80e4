import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

test('U5 long work pauses after each slice, and goes on at once within one', async () => {
  let now = 0
  const pace = createPace(() => now)
  now = 7
  expect(pace()).toBeUndefined()
  now = 8
  let others = 0
  setTimeout(() => {
    others += 1
  })
  await pace()
  expect(others).toBe(1)
  expect(pace()).toBeUndefined()
})
