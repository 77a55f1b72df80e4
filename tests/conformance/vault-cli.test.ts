import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attach } from '../../src-main/headless/attached-client.ts'
import { type Baton, createBaton } from '../support/baton-process.ts'
import { eventually } from '../support/eventually.ts'

const PASSPHRASE = 'a long walk by the sea'
const SECRET = 'sk-ant-kept-in-the-vault'
/** No bus: no Secret Service can answer. */
const env = {
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
  ANTHROPIC_API_KEY: '',
  // Nobody is asked whether the key is a good one.
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
}

let baton: Baton
beforeEach(() => {
  baton = createBaton()
})
afterEach(() => baton.close())

const vault = (args: string[], stdin = '') => baton.run(['vault', ...args], { env, stdin })

/** Each file below the data folder that holds `text` as it is. */
function filesWith(text: string): string[] {
  return readdirSync(baton.data_dir, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = join(baton.data_dir, name)
    return statSync(file).isFile() && readFileSync(file).includes(text)
  })
}

test.skipIf(process.platform !== 'linux')(
  'S8 where no keychain answers, keys live in a vault that is opened once per start, and nowhere in plain text',
  async () => {
    expect(await vault(['create'], 'short\n')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('8 characters'),
    })
    expect((await vault(['create'], `${PASSPHRASE}\n`)).code).toBe(0)

    const serve = baton.start(['serve', '--port', '0'], { env })
    const client = await eventually('a core that answers', () => attach(join(baton.data_dir, 'core.sock')))
    const keyOf = async () => (await client.api.models.keys()).find(({ provider }) => provider === 'anthropic')
    await eventually('a look for keys', async () => (await keyOf())?.keychain !== '')
    expect(await keyOf()).toMatchObject({ source: 'none', keychain: expect.stringContaining('The vault is locked') })
    expect(await vault(['open'], 'another passphrase\n')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not the passphrase'),
    })
    expect((await vault(['open'], `${PASSPHRASE}\n`)).code).toBe(0)
    expect(await client.api.models.vault()).toEqual({ state: 'open' })
    const kept = await client.api.models.setKey({ provider: 'anthropic', key: SECRET })
    expect(kept).toEqual({ provider: 'anthropic', source: 'vault', keychain: '' })
    await client.close()
    serve.interrupt()
    expect((await serve.ended).code).toBe(0)

    expect(statSync(join(baton.data_dir, 'vault.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(baton.data_dir, 'logs', 'baton.log'), 'utf8')).not.toBe('')
    expect([...filesWith(SECRET), ...filesWith(PASSPHRASE)]).toEqual([])
  },
  // Five processes, most of which make or open a vault.
  300_000,
)
