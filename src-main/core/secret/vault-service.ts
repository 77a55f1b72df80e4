import { ok } from '#contract/result.ts'
import type { VaultStatus } from '#contract/service.ts'
import type { Core, Vault } from '../core.ts'
import { refuse } from '../refusal.ts'

export interface VaultServiceParts {
  /** Absent: this host has none. */
  readonly vault: Vault | undefined
  /** Keys that were locked away can be had now. */
  onOpen(): Promise<void>
}

/** Opens and makes the vault for who keeps this machine (S8). */
export function createVaultService({ vault, onOpen }: VaultServiceParts): Pick<Core['models'], 'vault' | 'openVault'> {
  async function status(): Promise<VaultStatus> {
    return { state: vault === undefined ? 'none' : await vault.state() }
  }
  return {
    vault: status,
    async openVault({ passphrase, create }) {
      if (vault === undefined) return refuse('unavailable', 'This Baton was started without a vault.')
      const opened = await (create ? vault.create(passphrase) : vault.open(passphrase))
      if (!opened.ok) return refuse('conflict', opened.error)
      await onOpen()
      return ok(await status())
    },
  }
}
