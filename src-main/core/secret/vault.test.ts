import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { err } from '#contract/result.ts'
import type { Keychain } from '../core.ts'
import { keychainOrVault } from './keychain-or-vault.ts'
import { createProviderKeys } from './provider-keys.ts'
import { createVault as vaultAt } from './vault.ts'
import { USUAL_COST } from './vault-file.ts'

const PASSPHRASE = 'a long walk by the sea'
const SECRET = 'sk-ant-very-secret'
/** The usual cost is made to take long. */
const CHEAP = { n: 2 ** 10, r: 8, p: 1 }
const createVault = (at: string) => vaultAt(at, CHEAP)
let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-vault-'))
  file = join(folder, 'vault.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function madeVault() {
  const vault = createVault(file)
  expect(await vault.create(PASSPHRASE)).toEqual({ ok: true })
  expect(await vault.set('anthropic-api-key', SECRET)).toEqual({ ok: true })
  return vault
}

test('S8 the vault keeps, gives, replaces and forgets a key, and the next start finds it behind its passphrase', async () => {
  expect(await createVault(file).state()).toBe('absent')
  await madeVault()
  const next = createVault(file)
  expect([await next.state(), next.has('anthropic-api-key')]).toEqual(['locked', false])
  expect(await next.get('anthropic-api-key')).toMatchObject({ ok: false, error: expect.stringContaining('locked') })
  expect((await next.set('openai-api-key', 'sk-2')).ok).toBe(false)
  expect(await next.open(PASSPHRASE)).toEqual({ ok: true })
  expect(await next.get('anthropic-api-key')).toEqual({ ok: true, value: SECRET })
  expect(await next.get('other')).toEqual({ ok: true, value: null })
  await next.set('anthropic-api-key', 'sk-new')
  await next.set('openai-api-key', 'sk-2')
  await next.remove('openai-api-key')
  const third = createVault(file)
  await third.open(PASSPHRASE)
  expect(await third.get('anthropic-api-key')).toEqual({ ok: true, value: 'sk-new' })
  expect(await third.get('openai-api-key')).toEqual({ ok: true, value: null })
})

test('S8 guessing a passphrase is dear: each try takes 128 MB, and a vault keeps the cost that it was made with', async () => {
  expect(128 * USUAL_COST.n * USUAL_COST.r).toBe(134_217_728)
  expect((await vaultAt(file).create(PASSPHRASE)).ok).toBe(true)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ kdf: { name: 'scrypt', ...USUAL_COST } })
  expect(await createVault(file).open(PASSPHRASE)).toEqual({ ok: true })
})

test('S8 a wrong passphrase is told as that, opens nothing and harms nothing', async () => {
  await madeVault()
  const next = createVault(file)
  for (const wrong of ['', `${PASSPHRASE} `, PASSPHRASE.toUpperCase()]) {
    expect(await next.open(wrong)).toMatchObject({ ok: false, error: expect.stringContaining('not the passphrase') })
  }
  expect(await next.state()).toBe('locked')
  expect(await next.open(PASSPHRASE)).toEqual({ ok: true })
})

test('S8 the passphrase is the same, however its letters are encoded', async () => {
  await createVault(file).create('caf\u00e9 au lait')
  expect(await createVault(file).open('cafe\u0301 au lait')).toEqual({ ok: true })
})

test('S8 the file is for its owner only, holds no secret in plain text, and is sealed anew with each change', async () => {
  const vault = await madeVault()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const first = readFileSync(file, 'utf8')
  for (const plain of [SECRET, PASSPHRASE, 'anthropic']) {
    expect(first).not.toContain(plain)
    expect(first).not.toContain(Buffer.from(plain).toString('base64').slice(0, -4))
  }
  await vault.set('anthropic-api-key', SECRET)
  const second = readFileSync(file, 'utf8')
  const part = (text: string, name: string) => (JSON.parse(text) as Record<string, unknown>)[name]
  expect(part(second, 'nonce')).not.toBe(part(first, 'nonce'))
  expect(part(second, 'data')).not.toBe(part(first, 'data'))
  // Nothing is left of the drafts.
  expect(readdirSync(folder)).toEqual(['vault.json'])
})

test('S8 whatever is changed in the file is found, and no other key comes out', async () => {
  await madeVault()
  const whole = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string> & { kdf: Record<string, unknown> }
  const flip = (text: string) => {
    const content = Buffer.from(text, 'base64')
    content[0] = (content[0] ?? 0) ^ 1
    return content.toString('base64')
  }
  const changed: [string, unknown][] = [
    ['data', { ...whole, data: flip(whole['data'] ?? '') }],
    ['tag', { ...whole, tag: flip(whole['tag'] ?? '') }],
    ['nonce', { ...whole, nonce: flip(whole['nonce'] ?? '') }],
    ['cut', { ...whole, data: (whole['data'] ?? '').slice(0, -4) }],
    ['check', { ...whole, check: flip(whole['check'] ?? '') }],
    ['salt', { ...whole, kdf: { ...whole.kdf, salt: flip(String(whole.kdf['salt'])) } }],
    ['cheap', { ...whole, kdf: { ...whole.kdf, n: 2 } }],
    ['dear', { ...whole, kdf: { ...whole.kdf, n: 2 ** 40 } }],
    ['short tag', { ...whole, tag: Buffer.alloc(4).toString('base64') }],
    ['version', { ...whole, version: 2 }],
    ['more', { ...whole, note: 'x' }],
    ['text', 'none'],
  ]
  for (const [what, content] of changed) {
    writeFileSync(file, JSON.stringify(content))
    const opened = await createVault(file).open(PASSPHRASE)
    expect(opened, what).toMatchObject({ ok: false })
    // With another head the passphrase makes another key; everything else is told as damage.
    const isHead = ['check', 'salt', 'cheap'].includes(what)
    expect(opened.ok ? '' : opened.error, what).toContain(isHead ? 'not the passphrase' : 'damaged')
  }
  writeFileSync(file, '{"version": 1')
  expect(await createVault(file).open(PASSPHRASE)).toMatchObject({ ok: false, error: expect.stringContaining(file) })
})

test('S8 what cannot be written changes nothing, and says so', async () => {
  const vault = await madeVault()
  const before = readFileSync(file, 'utf8')
  rmSync(folder, { recursive: true })
  expect(await vault.set('openai-api-key', 'sk-2')).toMatchObject({ ok: false, error: expect.stringContaining(file) })
  expect(await vault.get('openai-api-key')).toEqual({ ok: true, value: null })
  expect(await vault.get('anthropic-api-key')).toEqual({ ok: true, value: SECRET })
  expect(before).not.toBe('')
})

test('S8 a vault that is there is never made anew over it', async () => {
  await madeVault()
  const before = readFileSync(file)
  expect(await createVault(file).create('another passphrase')).toMatchObject({ ok: false })
  expect(readFileSync(file)).toEqual(before)
})

test('S8 changes that come together are all kept', async () => {
  const vault = await madeVault()
  await Promise.all(Array.from({ length: 20 }, (_, n) => vault.set(`account-${n}`, `secret-${n}`)))
  const next = createVault(file)
  await next.open(PASSPHRASE)
  for (let n = 0; n < 20; n++) expect(await next.get(`account-${n}`)).toEqual({ ok: true, value: `secret-${n}` })
})

const isRoot = process.getuid?.() === 0

test.skipIf(isRoot)(
  `S8 a file that cannot be read is told${isRoot ? ' (skipped: root can read any)' : ''}`,
  async () => {
    await madeVault()
    chmodSync(file, 0)
    expect(await createVault(file).open(PASSPHRASE)).toMatchObject({ ok: false, error: expect.stringContaining(file) })
  },
)

/** A keychain as the port asks for one; without `entries` none answers. */
function keychain(entries: Map<string, string> | null): Keychain {
  const fault = err('No Secret Service answers.')
  return {
    get: async (account) => (entries === null ? fault : { ok: true, value: entries.get(account) ?? null }),
    async set(account, secret) {
      if (entries === null) return fault
      entries.set(account, secret)
      return { ok: true, value: undefined }
    },
    async remove(account) {
      if (entries === null) return fault
      entries.delete(account)
      return { ok: true, value: undefined }
    },
  }
}

test('S8 where no keychain answers keys are kept in the vault, and each key says where it is kept', async () => {
  const vault = createVault(file)
  const keys = () =>
    createProviderKeys({ anthropic: '', openai: 'sk-env' }, keychainOrVault(keychain(null), vault), vault)
  const first = keys()
  await first.load()
  expect(first.states()[0]).toMatchObject({ source: 'none', keychain: expect.stringContaining('baton vault create') })
  expect((await first.set('anthropic', SECRET)).ok).toBe(false)
  await vault.create(PASSPHRASE)
  await first.load()
  expect(first.states()[0]).toEqual({ provider: 'anthropic', source: 'none', keychain: '' })
  expect((await first.set('anthropic', SECRET)).ok).toBe(true)
  expect(first.states().map(({ source }) => source)).toEqual(['vault', 'environment'])

  const locked = createVault(file)
  const second = createProviderKeys({ anthropic: '' }, keychainOrVault(keychain(null), locked), locked)
  await second.load()
  expect(second.states()[0]).toMatchObject({ source: 'none', keychain: expect.stringContaining('baton vault open') })
  await locked.open(PASSPHRASE)
  await second.load()
  expect([second.get('anthropic'), second.states()[0]?.source]).toEqual([SECRET, 'vault'])
  expect((await second.remove('anthropic')).ok).toBe(true)
  expect([second.get('anthropic'), second.states()[0]?.source]).toEqual(['', 'none'])
})

test('S8 where a keychain answers the vault stays out of the way, but what it keeps goes on being used', async () => {
  const entries = new Map<string, string>()
  const vault = await madeVault()
  const both = keychainOrVault(keychain(entries), vault)
  await both.set('openai-api-key', 'sk-2')
  expect([entries.get('openai-api-key'), vault.has('openai-api-key')]).toEqual(['sk-2', false])
  expect(await both.get('anthropic-api-key')).toEqual({ ok: true, value: SECRET })
  await both.set('anthropic-api-key', 'sk-new')
  expect([entries.size, await vault.get('anthropic-api-key')]).toEqual([1, { ok: true, value: 'sk-new' }])
  await both.remove('anthropic-api-key')
  expect(vault.has('anthropic-api-key')).toBe(false)
})
