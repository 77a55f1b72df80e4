import { expect, test } from 'vitest'
import { createFinder, type Finding, isPassing } from './finder.ts'

const FOUND: Finding = { fault: null, passing: false }
const MISSING: Finding = { fault: 'It is not there.', passing: false }
const NOT_NOW: Finding = { fault: 'It could not be started.', passing: true }

function finderOf(...findings: Finding[]) {
  let looks = 0
  const finder = createFinder('Nobody looked.', async () => findings[looks++] ?? FOUND)
  return { finder, looks: () => looks }
}

test('D4 what could not be looked for is looked for when it is needed, once by all who need it', async () => {
  const { finder, looks } = finderOf(NOT_NOW, NOT_NOW, FOUND)
  expect(finder.unavailable).toBe('Nobody looked.')
  await finder.look()
  await Promise.all([finder.needed(), finder.needed()])
  expect(finder.unavailable).toBe(NOT_NOW.fault)
  await finder.needed()
  await finder.needed()
  expect(finder.unavailable).toBeNull()
  expect(looks()).toBe(3)
})

test('R6 what is missing is looked for when somebody asks, and what was found is not looked for again', async () => {
  const { finder, looks } = finderOf(MISSING, FOUND)
  await finder.look()
  await finder.needed()
  expect(finder.unavailable).toBe(MISSING.fault)
  await finder.look()
  await finder.look()
  expect(finder.unavailable).toBeNull()
  expect(looks()).toBe(2)
})

test('D4 a lack of handles, processes or memory passes; a program that is not there does not come', () => {
  const coded = (code: string): Error => Object.assign(new Error(`spawn git ${code}`), { code })
  expect(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'].map((code) => isPassing(coded(code)))).not.toContain(false)
  expect(isPassing(new Error('bwrap: Creating new namespace failed: Resource temporarily unavailable'))).toBe(true)
  expect(['ENOENT', 'EACCES'].map((code) => isPassing(coded(code)))).not.toContain(true)
  expect(isPassing(new Error('bwrap: No permissions to create new namespace'))).toBe(false)
})
