import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAccessToken } from './access-token.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-token-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('A1 makes a token of 32 bytes that only its owner can read, and keeps it', () => {
  const first = openAccessToken(folder)
  if (!first.ok) throw new Error(first.error)
  expect(Buffer.from(first.value.token, 'base64url')).toHaveLength(32)
  expect(statSync(first.value.file).mode & 0o777).toBe(0o600)
  expect(openAccessToken(folder)).toEqual(first)
})

test('A1 closes a token file that others could read', () => {
  const made = openAccessToken(folder)
  if (!made.ok) throw new Error(made.error)
  writeFileSync(join(folder, 'token'), made.value.token, { mode: 0o644 })
  openAccessToken(folder)
  expect(statSync(made.value.file).mode & 0o777).toBe(0o600)
})

test('A1 refuses a token file that holds something else', () => {
  writeFileSync(join(folder, 'token'), 'guess me')
  const opened = openAccessToken(folder)
  expect(opened.ok).toBe(false)
  if (!opened.ok) expect(opened.error).toContain('Delete it')
})

test('A1 says what is wrong where no token can be written', () => {
  const opened = openAccessToken(join(folder, 'missing'))
  expect(opened.ok).toBe(false)
})
