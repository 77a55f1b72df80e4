import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'

const run = promisify(execFile)
const has = (program: string): boolean => spawnSync('which', [program]).status === 0
const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter((program) => !has(program))
const KEYCHAIN = new URL('../../src-main/core/secret/keytar-keychain.ts', import.meta.url).href

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Runs the real adapter in a session of its own; `before` starts what should answer there. */
async function inSession(before: string): Promise<unknown[]> {
  const home = mkdtempSync(join(tmpdir(), 'baton-keychain-'))
  folders.push(home)
  const script = join(home, 'try.ts')
  writeFileSync(
    script,
    `const { createKeytarKeychain } = await import(${JSON.stringify(KEYCHAIN)})
const keychain = createKeytarKeychain()
const account = 'anthropic-api-key'
const answers = [await keychain.set(account, 'sk-secret'), await keychain.get(account), await keychain.remove(account), await keychain.get(account)]
console.log(JSON.stringify(answers))
process.exit(0)
`,
  )
  const command = `${before}\nexec "${process.execPath}" "${script}"`
  const { stdout } = await run('dbus-run-session', ['--', 'sh', '-c', command], {
    env: { PATH: process.env['PATH'], HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: home },
    timeout: 60_000,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as unknown[]
}

test.skipIf(missing.length > 0)(
  `S8 a real Secret Service keeps, gives and forgets a key${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`,
  async () => {
    const unlocked = String.raw`printf '\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1`
    expect(await inSession(unlocked)).toEqual([
      { ok: true },
      { ok: true, value: 'sk-secret' },
      { ok: true },
      { ok: true, value: null },
    ])
  },
)

test.skipIf(missing.length > 0)(
  'S8 where the keyring is locked and nobody can unlock it, each call says so as a value',
  async () => {
    // Started without a passphrase, it asks its owner by a dialog that nobody here can answer.
    const locked = 'gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1'
    const answers = await inSession(locked)
    expect(answers).toHaveLength(4)
    // Reading what is not there needs no unlocking; keeping does.
    expect(answers[0]).toMatchObject({ ok: false, error: expect.stringMatching(/Secret Service/) })
    for (const answer of answers) {
      expect(answer).not.toMatchObject({ value: 'sk-secret' })
    }
  },
)

test.skipIf(has('dbus-run-session') === false)(
  'S8 where no Secret Service answers, each call says so as a value',
  async () => {
    // No service files: the bus cannot start a keyring by itself.
    const answers = await inSession('export XDG_DATA_DIRS=/nonexistent; unset DBUS_SESSION_BUS_ADDRESS')
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: expect.stringMatching(/\S/) })
  },
)
