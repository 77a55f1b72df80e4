import type { Scope } from '#contract/role.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { printList } from './print-list.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

interface JsonFlag {
  readonly json?: boolean
}

export interface NewTokenFlags extends JsonFlag {
  readonly scope: Scope[]
  readonly days: number | 'never'
  readonly perMinute?: number
  readonly user?: string
}

/** `baton token`: the API tokens that there are (S2); never the tokens themselves. */
export function listTokens({ json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items } = await api.users.tokens()
    return printList(items, {
      json,
      empty: 'There is no API token. Make one with: baton token create NAME',
      columns: ['id', 'name', 'acts as', 'rights', 'last used', 'ends'].map((title) => ({ title })),
      row: (token, paint) => [
        token.id,
        printable(token.name),
        token.owner,
        token.scopes.join(', '),
        token.last_used_at ?? 'never',
        token.revoked_at !== null ? paint.waiting('revoked') : (token.expires_at ?? 'never'),
      ],
    })
  })
}

/** `baton token create`: prints the new token alone on stdout, so that a script can take it. */
export function createToken(name: string, flags: NewTokenFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const made = await api.users.createToken({
      name,
      scopes: flags.scope,
      expires_in_days: flags.days === 'never' ? null : flags.days,
      owner: flags.user,
      per_minute: flags.perMinute ?? null,
    })
    if (flags.json) printJson(made)
    else {
      print(made.token)
      say(
        `${made.id} may ${made.scopes.join(', ')} until ${made.expires_at ?? 'it is revoked'}. It is shown this once.`,
      )
    }
    return EXIT.done
  })
}

/** `baton token revoke` */
export function revokeToken(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const revoked = await api.users.revokeToken({ id })
    if (json) printJson(revoked)
    else say(`${revoked.id} (${printable(revoked.name)}) is revoked.`)
    return EXIT.done
  })
}
