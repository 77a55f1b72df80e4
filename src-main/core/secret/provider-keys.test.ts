import { expect, test } from 'vitest'
import { err, ok } from '#contract/result.ts'
import type { Keychain } from '../core.ts'
import { createProviderKeys } from './provider-keys.ts'

/** A keychain as the port asks for one; `fault` makes it refuse. */
function keychain(fault?: string): Keychain & { entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    get: async (account) => (fault === undefined ? ok(entries.get(account) ?? null) : err(fault)),
    async set(account, secret) {
      if (fault !== undefined) return err(fault)
      entries.set(account, secret)
      return ok(undefined)
    },
    async remove(account) {
      if (fault !== undefined) return err(fault)
      entries.delete(account)
      return ok(undefined)
    },
  }
}

test('S8 a key is kept in the keychain, and found there by the next start', async () => {
  const chain = keychain()
  const keys = createProviderKeys({ anthropic: undefined }, chain)
  await keys.load()
  expect([keys.get('anthropic'), keys.states()[0]?.source]).toEqual(['', 'none'])
  expect((await keys.set('anthropic', 'sk-1')).ok).toBe(true)
  const next = createProviderKeys({ anthropic: '' }, chain)
  await next.load()
  for (const each of [keys, next]) {
    expect([each.get('anthropic'), each.states()]).toEqual([
      'sk-1',
      [{ provider: 'anthropic', source: 'keychain', keychain: '' }],
    ])
  }
  await next.remove('anthropic')
  expect([next.get('anthropic'), chain.entries.size]).toEqual(['', 0])
})

test('S8 a key of the environment comes first', async () => {
  const keys = createProviderKeys({ anthropic: 'sk-env' }, keychain())
  await keys.set('anthropic', 'sk-kept')
  expect([keys.get('anthropic'), keys.states()[0]?.source]).toEqual(['sk-env', 'environment'])
})

test.each([
  ['without a keychain', undefined, /No keychain of the operating system answers/],
  ['with a locked keychain', keychain('It is locked.'), /It is locked\./],
])('S8 %s nothing is kept, and it says why', async (_what, chain, why) => {
  const keys = createProviderKeys({ anthropic: undefined }, chain)
  await keys.load()
  expect(keys.states()[0]?.keychain).toMatch(why)
  expect(await keys.set('anthropic', 'sk-1')).toMatchObject({ ok: false, error: expect.stringMatching(why) })
  expect((await keys.remove('anthropic')).ok).toBe(false)
  expect(keys.get('anthropic')).toBe('')
})
