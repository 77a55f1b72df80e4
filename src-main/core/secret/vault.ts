import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import type { Vault } from '../core.ts'
import {
  newVaultKey,
  parseVault,
  type ScryptCost,
  type Secrets,
  seal,
  USUAL_COST,
  unseal,
  type VaultKey,
} from './vault-file.ts'

const LOCKED = 'The vault is locked. Open it with its passphrase.'
const ABSENT = 'There is no vault yet. Make one with a passphrase.'

function isMissing(fault: unknown): boolean {
  return (fault as NodeJS.ErrnoException).code === 'ENOENT'
}

/** Whole or not at all, and on the disk when it resolves; for its owner only. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.draft`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (fault) {
    await rm(draft, { force: true })
    throw fault
  }
  // Windows has no such thing, and keeps the name with the file.
  if (process.platform === 'win32') return
  const folder = await open(dirname(file))
  await folder.sync().finally(() => folder.close())
}

/** The vault in `file`, which need not be there yet. `cost`: of the key of a new one. */
export function createVault(file: string, cost: ScryptCost = USUAL_COST): Vault {
  let opened: { readonly key: VaultKey; readonly secrets: Secrets } | null = null
  /** One change after another: each builds on the one before, and guesses do not run side by side. */
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work, work)
    last = done.catch(() => undefined)
    return done
  }

  async function read(): Promise<Result<string | null, string>> {
    try {
      return ok(await readFile(file, 'utf8'))
    } catch (fault) {
      if (isMissing(fault)) return ok(null)
      return err(`The vault file ${file} cannot be read: ${(fault as Error).message}. Make it readable for Baton.`)
    }
  }

  async function keep(secrets: Secrets, key: VaultKey): Promise<Result<void, string>> {
    try {
      await writeWhole(file, `${JSON.stringify(seal(secrets, key), null, 2)}\n`)
    } catch (fault) {
      return err(
        `The vault file ${file} cannot be written: ${(fault as Error).message}. Nothing has changed; try again when it can.`,
      )
    }
    opened = { key, secrets }
    return ok(undefined)
  }

  async function whyClosed(): Promise<string> {
    const text = await read()
    return text.ok ? (text.value === null ? ABSENT : LOCKED) : text.error
  }

  function change(of: (secrets: Secrets) => Secrets): Promise<Result<void, string>> {
    return inTurn(async () => (opened === null ? err(await whyClosed()) : keep(of(opened.secrets), opened.key)))
  }

  return {
    async state() {
      if (opened !== null) return 'open'
      const text = await read()
      return text.ok && text.value === null ? 'absent' : 'locked'
    },
    has: (account) => opened !== null && Object.hasOwn(opened.secrets, account),
    create: (passphrase) =>
      inTurn(async () => {
        const text = await read()
        if (!text.ok) return text
        if (text.value !== null) return err('There is a vault already. Open it with its passphrase.')
        return keep({}, await newVaultKey(passphrase, cost))
      }),
    open: (passphrase) =>
      inTurn(async () => {
        const text = await read()
        if (!text.ok) return text
        if (text.value === null) return err(ABSENT)
        const parsed = parseVault(text.value)
        const found = parsed.ok
          ? await unseal(parsed.value, passphrase)
          : err({ kind: 'damaged', message: parsed.error })
        if (found.ok) {
          opened = found.value
          return ok(undefined)
        }
        if (found.error.kind === 'wrong') return err(found.error.message)
        return err(`${found.error.message} Put ${file} back from a copy, or remove it and enter the keys again.`)
      }),
    async get(account) {
      if (opened === null) return err(await whyClosed())
      return ok(Object.hasOwn(opened.secrets, account) ? (opened.secrets[account] ?? null) : null)
    },
    set: (account, secret) => change((secrets) => ({ ...secrets, [account]: secret })),
    remove: (account) =>
      change((secrets) => Object.fromEntries(Object.entries(secrets).filter(([name]) => name !== account))),
  }
}
