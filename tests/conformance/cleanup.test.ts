import { expect, test } from 'vitest'
import { cleanup } from '../support/cleanup.ts'

let isClean = true

// Files share a process, and a hook of a shared module counts for the first of them alone.
test.each([1, 2])('E5 what a test put off until its end is done before the next one, in every file (%i)', () => {
  expect(isClean).toBe(true)
  isClean = false
  cleanup(async () => {
    isClean = true
  })
})
