import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { err, ok } from '#contract/result.ts'
import type { Keychain } from '../core.ts'
import { temporaryFolder } from '../store/store-bench.ts'
import { createKeptSecrets } from './kept-secrets.ts'

test('S8 secrets of webhooks are kept in the keychain, and in no file', async () => {
  const entries = new Map<string, string>()
  const keychain: Keychain = {
    get: async (name) => ok(entries.get(name) ?? null),
    set: async (name, secret) => ok(void entries.set(name, secret)),
    remove: async (name) => ok(void entries.delete(name)),
  }
  const folder = temporaryFolder()
  const secrets = createKeptSecrets(folder, keychain)
  expect(await secrets.get('a')).toEqual(ok(null))
  await secrets.set('a', 's')
  expect([entries.get('a'), existsSync(join(folder, 'webhook-secrets.json'))]).toEqual(['s', false])
  expect(await createKeptSecrets(folder, keychain).get('a')).toEqual(ok('s'))
  await secrets.remove('a')
  expect([await secrets.get('a'), entries.size]).toEqual([ok(null), 0])
})

test.each([
  ['none is there', undefined],
  [
    'it does not answer',
    { get: async () => err('locked'), set: async () => err('locked'), remove: async () => err('locked') },
  ],
])('S8 without a keychain (%s) they are in a file for its owner only', async (_, keychain) => {
  const folder = temporaryFolder()
  const file = join(folder, 'webhook-secrets.json')
  expect((await createKeptSecrets(folder, keychain).set('a', 's')).ok).toBe(true)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  const next = createKeptSecrets(folder, keychain)
  expect(await next.get('a')).toEqual(ok('s'))
  expect((await next.remove('a')).ok).toBe(true)
  expect(readFileSync(file, 'utf8')).not.toContain('s"')
})
