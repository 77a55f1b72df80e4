import { ORPCError } from '@orpc/client'
import type { VaultStatus } from '#contract/service.ts'
import type { Api, BatonClient } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { readLine } from './read-line.ts'
import { withClient } from './session.ts'

const TRIES = 3
const MIN_LENGTH = 8

const STATES: Record<VaultStatus['state'], string> = {
  none: 'This Baton was started without a vault.',
  absent: 'There is no vault. Where no keychain of the system answers, make one with: baton vault create',
  locked: 'The vault is locked. Open it with: baton vault open',
  open: 'The vault is open until Baton ends.',
}

const hasTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** What a person types, unseen; null where he would rather not. */
async function askFor(message: string): Promise<string | null> {
  const { isCancel, password } = await import('@clack/prompts')
  const typed = await password({ message, output: process.stderr })
  return isCancel(typed) ? null : typed
}

async function openWith(api: Api, passphrase: string, create: boolean): Promise<string | null> {
  if (passphrase.length < MIN_LENGTH) return `A passphrase has at least ${MIN_LENGTH} characters.`
  try {
    await api.models.openVault({ passphrase, create })
    return null
  } catch (fault) {
    if (fault instanceof ORPCError) return fault.message
    throw fault
  }
}

/** Asks until it is right, a few times; whether it is open now. */
async function openByHand(api: Api): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const passphrase = await askFor('Passphrase of the vault')
    if (passphrase === null) return false
    const why = await openWith(api, passphrase, false)
    if (why === null) return true
    say(why)
  }
  return false
}

/** For commands that are about to work: asks for the passphrase where keys are locked away and a person is there to ask. */
export async function openLockedVault({ api, hosted }: BatonClient): Promise<void> {
  // A core that lives elsewhere is opened where it lives.
  if (hosted === null || !hasTerminal()) return
  if ((await api.models.vault()).state === 'locked') await openByHand(api)
}

/** `baton vault`: whether there is one, and whether it is open (S8). */
export function showVault({ json }: { json?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const status = await api.models.vault()
    if (json) printJson(status)
    else print(STATES[status.state])
    return EXIT.done
  })
}

/** `baton vault open`: for the Baton that lives on this folder, until it ends. */
export function openVault(): Promise<ExitCode> {
  return withClient({}, async ({ api, hosted }) => {
    if (hasTerminal()) {
      if (!(await openByHand(api))) return EXIT.failed
    } else {
      const why = await openWith(api, await readLine(), false)
      if (why !== null) throw new CommandFault(why, EXIT.failed)
    }
    say(
      hosted === null
        ? 'The vault is open until that Baton ends.'
        : 'That is its passphrase. No Baton runs that could use it.',
    )
    return EXIT.done
  })
}

/** `baton vault create`: an empty one, with a passphrase that cannot be recovered. */
export function createVault(): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const passphrase = hasTerminal()
      ? await askFor('A passphrase for the vault; it cannot be recovered')
      : await readLine()
    if (passphrase === null) return EXIT.failed
    if (hasTerminal() && (await askFor('The same again')) !== passphrase) {
      throw new CommandFault('The two are not the same. Nothing was made.', EXIT.failed)
    }
    const why = await openWith(api, passphrase, true)
    if (why !== null) throw new CommandFault(why, EXIT.failed)
    say('The vault is made. Enter keys under Settings, Models.')
    return EXIT.done
  })
}
