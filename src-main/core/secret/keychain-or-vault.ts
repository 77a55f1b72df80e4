import { err, ok, type Result } from '#contract/result.ts'
import type { Keychain, Vault } from '../core.ts'

/** What to do where neither keeps anything. */
async function why(keychainFault: string, vault: Vault): Promise<string> {
  switch (await vault.state()) {
    case 'locked':
      return `${keychainFault} The vault is locked: open it under Settings, Models, or with "baton vault open".`
    case 'absent':
      return `${keychainFault} Or make a vault with a passphrase: Settings, Models, or "baton vault create".`
    case 'open':
      return keychainFault
  }
}

/** Secrets in the system's keychain, and in the vault where no keychain answers (S8). What the vault keeps goes first. */
export function keychainOrVault(keychain: Keychain, vault: Vault): Keychain {
  async function elseVault<T>(asked: Result<T, string>, action: () => Promise<Result<T, string>>) {
    if (asked.ok) return asked
    return (await vault.state()) === 'open' ? action() : err(await why(asked.error, vault))
  }

  return {
    async get(account) {
      if (vault.has(account)) return vault.get(account)
      return elseVault(await keychain.get(account), () => vault.get(account))
    },
    async set(account, secret) {
      // It stays where it is: an older one in the vault would go first.
      if (vault.has(account)) return vault.set(account, secret)
      return elseVault(await keychain.set(account, secret), () => vault.set(account, secret))
    },
    async remove(account) {
      const wasInVault = vault.has(account)
      if (wasInVault) {
        const removed = await vault.remove(account)
        if (!removed.ok) return removed
      }
      const removed = await keychain.remove(account)
      return removed.ok || wasInVault ? ok(undefined) : elseVault(removed, async () => ok(undefined))
    },
  }
}
