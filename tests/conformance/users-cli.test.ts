import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Baton, createBaton } from '../support/baton-process.ts'

let baton: Baton
beforeEach(() => {
  baton = createBaton({})
})
afterEach(() => baton.close())

test('X2 S2 baton token makes a token that is shown once, lists it and revokes it', async () => {
  const made = await baton.run(['token', 'create', 'nightly', '--scope', 'read', 'metrics', '--days', 'never'])
  expect(made.code, made.stderr).toBe(0)
  const token = made.stdout.trim()
  expect(token).toMatch(/^btn_[\w-]{43}$/)
  const listed = await baton.run(['token', '--json'])
  expect(listed.stdout).not.toContain(token)
  const row = JSON.parse(listed.stdout) as { id: string }
  expect(row).toMatchObject({ name: 'nightly', owner: 'local', scopes: ['read', 'metrics'], expires_at: null })
  expect((await baton.run(['token', 'revoke', row.id])).code).toBe(0)
  expect((await baton.run(['token'])).stdout).toContain('revoked')
  expect((await baton.run(['token', 'create', 'x', '--scope', 'everything'])).code).toBe(2)
  expect((await baton.run(['token', 'revoke', 'tok_zz'])).code).toBe(1)
})

test('X2 S1 baton user invites somebody and says that nobody is there', async () => {
  const none = await baton.run(['user'])
  expect([none.code, none.stderr]).toEqual([0, expect.stringContaining('Nobody has an account')])
  const invited = await baton.run(['user', 'invite', '--role', 'viewer'])
  expect(invited.stdout.trim()).toMatch(/^inv_[\w-]{43}$/)
  expect((await baton.run(['user', 'invite', '--role', 'owner'])).code).toBe(2)
  const changed = await baton.run(['user', 'change', 'usr_1', '--off'])
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining('There is no user usr_1')])
  expect(readFileSync(join(baton.data_dir, 'baton.db')).includes(invited.stdout.trim())).toBe(false)
})
