import type { User } from '#contract/identity.ts'
import type { Role } from '#contract/role.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { printList } from './print-list.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

interface JsonFlag {
  readonly json?: boolean
}

export interface UserChangeFlags extends JsonFlag {
  readonly role?: Role
  readonly off?: boolean
  readonly on?: boolean
}

const lineOf = (user: User): string =>
  `${printable(user.display_name)} (${printable(user.email)}) is ${user.role}${user.is_active ? '' : ', and may not sign in'}.`

/** `baton user`: who may sign in at the served page and port (S1). */
export function listUsers({ json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items } = await api.users.list()
    return printList(items, {
      json,
      empty: 'Nobody has an account. Let somebody in with: baton user invite --role admin',
      columns: ['id', 'name', 'e-mail', 'role', '', 'last sign-in'].map((title) => ({ title })),
      row: (user, paint) => [
        user.id,
        printable(user.display_name),
        printable(user.email),
        user.role,
        user.is_active ? '' : paint.waiting('switched off'),
        user.last_login_at ?? 'never',
      ],
    })
  })
}

/** `baton user invite`: a code with which one person may register. */
export function inviteUser({ role, days, json }: JsonFlag & { role: Role; days: number }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const made = await api.users.invite({ role, expires_in_days: days })
    if (json) printJson(made)
    else {
      print(made.code)
      say(`With this code one person may register as ${role} until ${made.expires_at}. It is shown this once.`)
    }
    return EXIT.done
  })
}

/** `baton user change`: another role, or switched off or on. */
export function changeUser(id: string, { role, off, on, json }: UserChangeFlags): Promise<ExitCode> {
  const is_active = off === true ? false : on === true ? true : undefined
  return withClient({}, async ({ api }) => {
    const changed = await api.users.change({ id, role, is_active })
    if (json) printJson(changed)
    else say(lineOf(changed))
    return EXIT.done
  })
}
