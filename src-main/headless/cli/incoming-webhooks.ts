import { EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { printList } from './print-list.ts'
import { printable } from './printable.ts'
import { readLine } from './read-line.ts'
import { withClient } from './session.ts'

interface JsonFlag {
  readonly json?: boolean
}

export interface AddSenderFlags extends JsonFlag {
  /** Its secret comes on standard input, so that no list of processes shows it. */
  readonly stdin?: boolean
}

/** `baton webhooks incoming`: who may sign what comes in; never the secrets. */
export function listSenders({ json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const { items, environment } = await api.webhooks.secrets()
    if (environment && !json) say('The variable WEBHOOK_SECRET holds a secret as well.')
    return printList(items, {
      json,
      empty: 'There is no secret for incoming webhooks. Add one with: baton webhooks incoming add NAME',
      columns: ['id', 'name', 'since'].map((title) => ({ title })),
      row: (secret) => [secret.id, printable(secret.name), secret.created_at],
    })
  })
}

/** `baton webhooks incoming add`: prints a secret that Baton made alone on stdout. */
export async function addSender(name: string, { stdin, json }: AddSenderFlags): Promise<ExitCode> {
  const own = stdin ? await readLine() : undefined
  return withClient({}, async ({ api }) => {
    const { secret, ...made } = await api.webhooks.addSecret({ name, ...(own !== undefined && { secret: own }) })
    // One that was brought is known already.
    if (json) printJson(own === undefined ? { ...made, secret } : made)
    else {
      if (own === undefined) print(secret)
      const once = own === undefined ? ' It is shown this once.' : ''
      say(`${made.id}: what ${printable(made.name)} signs with this secret is taken.${once}`)
    }
    return EXIT.done
  })
}

/** `baton webhooks incoming remove` */
export function removeSender(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    await api.webhooks.removeSecret({ id })
    if (json) printJson({ id, removed: true })
    else say(`${id} is removed: what is signed with it is refused from now on.`)
    return EXIT.done
  })
}
