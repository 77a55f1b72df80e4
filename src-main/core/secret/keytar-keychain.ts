import { err, ok, type Result } from '#contract/result.ts'
import type { Keychain } from '../core.ts'

const SERVICE = 'baton'
/** A keychain may ask its owner to unlock it; nobody can answer on a machine without a screen. */
const PATIENCE_MS = 5_000

type Keytar = typeof import('keytar')

function explain(fault: unknown): string {
  const cause = fault instanceof Error ? fault.message : String(fault)
  if (process.platform === 'linux') {
    return `No Secret Service answers on this machine (${cause}). Start a keyring such as gnome-keyring, or give the key in the environment.`
  }
  return `The keychain did not answer (${cause}). Unlock it, or give the key in the environment.`
}

async function load(): Promise<Keytar> {
  const loaded: Keytar & { default?: Keytar } = await import('keytar')
  return loaded.default ?? loaded
}

async function ask<T>(action: (keytar: Keytar) => Promise<T>): Promise<Result<T, string>> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS)
  })
  try {
    // Loading fails where the system's library is missing.
    return ok(await Promise.race([load().then(action), patience]))
  } catch (fault) {
    return err(explain(fault))
  } finally {
    clearTimeout(timer)
  }
}

/** The operating system's keychain through keytar (S8). Loads it at the first use. */
export function createKeytarKeychain(): Keychain {
  return {
    get: (account) => ask((keytar) => keytar.getPassword(SERVICE, account)),
    set: (account, secret) => ask((keytar) => keytar.setPassword(SERVICE, account, secret)),
    async remove(account) {
      const removed = await ask((keytar) => keytar.deletePassword(SERVICE, account))
      return removed.ok ? ok(undefined) : removed
    },
  }
}
