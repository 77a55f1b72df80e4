import { newWebhook, type Webhook, webhookEvent } from '#contract/webhook.ts'
import type { Api } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

interface JsonFlag {
  readonly json?: boolean
}

/** What is said of a webhook as it is added or changed. */
interface WebhookFlags extends JsonFlag {
  readonly event?: readonly string[]
  readonly project?: string
  readonly private?: boolean
}

export type AddWebhookFlags = WebhookFlags

export interface EditWebhookFlags extends WebhookFlags {
  readonly url?: string
  readonly allProjects?: boolean
  readonly on?: boolean
  readonly off?: boolean
}

export interface RotateWebhookFlags extends JsonFlag {
  readonly overlap: number
}

/** The host that is meant though it is no public one. */
function hostOf(url: string): string {
  if (newWebhook.shape.url.safeParse(url).success) return new URL(url).host
  throw new CommandFault(`"${url}" is no URL. Give a whole one, such as https://example.org/baton.`, EXIT.usage)
}

function eventsOf(names: readonly string[] | undefined) {
  if (names === undefined) return {}
  const parsed = newWebhook.shape.events.safeParse(names)
  if (parsed.success) return { events: parsed.data }
  const known = new Set<string>(webhookEvent.options)
  const unknown = names.filter((name) => !known.has(name)).join(', ')
  throw new CommandFault(`There is no event ${unknown}. There are: ${webhookEvent.options.join(', ')}.`, EXIT.usage)
}

function showOnce(made: Webhook & { secret: string }, json: boolean | undefined): ExitCode {
  if (json) printJson(made)
  else {
    print(made.secret)
    say(`${made.id} tells ${printable(made.url)} of ${made.events.join(', ')}. Its secret is shown this once.`)
  }
  return EXIT.done
}

/** `baton webhooks add`: prints the secret alone on stdout, so that a script can take it. */
export function addWebhook(url: string, { event, project, private: isPrivate, json }: AddWebhookFlags) {
  const host = hostOf(url)
  const told = eventsOf(event)
  return withClient({}, async ({ api }) => {
    const made = await api.webhooks.create({
      ...{ url, project_id: project ?? null, private_host: isPrivate ? host : null },
      ...told,
    })
    return showOnce(made, json)
  })
}

/** `baton webhooks edit`: changes what is named, and leaves the rest. */
export function editWebhook(id: string, flags: EditWebhookFlags): Promise<ExitCode> {
  const { url, event, project, allProjects, on, off, json } = flags
  const isNamed = [url, event, project, allProjects, flags.private, on, off].some((one) => one !== undefined)
  if (!isNamed)
    throw new CommandFault('Say what to change: baton webhooks edit --help shows what there is.', EXIT.usage)
  const told = eventsOf(event)
  return withClient({}, async ({ api }) => {
    const host = flags.private ? hostOf(url ?? (await urlOf(api, id))) : undefined
    const changed = await api.webhooks.change({
      id,
      ...(url !== undefined && { url }),
      ...(host !== undefined && { private_host: host }),
      ...told,
      ...(project !== undefined && { project_id: project }),
      ...(allProjects && { project_id: null }),
      ...((on || off) && { active: on === true }),
    })
    if (json) printJson(changed)
    else {
      const state = changed.active ? '' : ' It is off.'
      say(`${changed.id} tells ${printable(changed.url)} of ${changed.events.join(', ')}.${state}`)
    }
    return EXIT.done
  })
}

async function urlOf(api: Api, id: string): Promise<string> {
  const { items } = await api.webhooks.list()
  const found = items.find((hook) => hook.id === id)
  if (found === undefined) throw new CommandFault(`There is no webhook ${id}. Look with: baton webhooks`, EXIT.failed)
  return found.url
}

/** `baton webhooks rotate`: another secret, printed alone; for a while the former one signs as well. */
export function rotateWebhook(id: string, { overlap, json }: RotateWebhookFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => showOnce(await api.webhooks.rotate({ id, overlap_hours: overlap }), json))
}

/** `baton webhooks remove`: what waits for it goes with it. */
export function removeWebhook(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    await api.webhooks.remove({ id })
    if (json) printJson({ id, removed: true })
    else say(`${id} is told nothing more.`)
    return EXIT.done
  })
}
