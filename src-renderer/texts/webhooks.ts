import type { WebhookDelivery } from '#contract/webhook.ts'
import { counted, duration } from './figures.ts'

export const webhookTexts = {
  title: 'Webhooks',
  hint: 'Baton tells your programs what happens: a signed POST to each of these URLs. What cannot be delivered is tried again for a day. They are told under the local-only lock, too, because they are no models.',
  empty: 'Nobody is told yet.',
  url: 'URL',
  urlHint: 'http or https. If it is on this machine or your own network, its first test asks whether you mean it.',
  urlWrong: 'Give a whole URL, such as https://example.org/baton.',
  project: 'Project',
  allProjects: 'All projects',
  aProject: 'one project',
  events: 'Tell it of',
  everything: 'Everything',
  /** The events that most want; the port takes all of them by name. */
  eventNames: {
    'task.completed': 'Task done',
    'task.failed': 'Task failed',
    'task.progress': 'Task goes on',
    'project.state': 'Project changes state',
    'plan.proposed': 'Plan proposed',
    'approval.state': 'Approval asked or given',
    'budget.warning': 'Budget warns',
    'budget.stopped': 'Budget stops work',
    'service.state': 'Service comes or goes',
  },
  add: 'Add a webhook',
  secret: 'Sign and verify with this secret; it is shown this once:',
  switchOf: (url: string) => `Tell ${url}`,
  isOn: 'On',
  isOff: 'Off',
  offWhy: (reason: string) => `Baton switched it off: ${reason}`,
  waiting: (count: number) => counted(count, 'delivery waits', 'deliveries wait'),
  formerUntil: (when: string) => `The former secret signs as well until ${when}.`,
  test: 'Test',
  testOf: (url: string) => `Test ${url}`,
  edit: 'Change the URL',
  editOf: (url: string) => `Change the URL ${url}`,
  editWhy: 'What waits is sent to the new URL, too. The secret stays the same.',
  save: 'Save',
  cancel: 'Cancel',
  log: 'Deliveries',
  logOf: (url: string) => `Deliveries to ${url}`,
  rotate: 'New secret',
  rotateOf: (url: string) => `New secret for ${url}`,
  rotateTitle: 'Make a new secret',
  rotateWhy: 'For a day deliveries are signed with the former secret as well, so that you can change the receiver.',
  remove: 'Remove',
  removeOf: (url: string) => `Remove ${url}`,
  removeTitle: 'Remove this webhook',
  removeWhy: 'It is told nothing more, what waits for it included, and its log goes with it.',
  ownHost: (host: string) =>
    `${host} is this machine or on your own network. Baton goes there only where you say that you mean it.`,
  reach: (host: string) => `Reach ${host}`,
} as const

/** How a test went, in a sentence. */
export function testResult({ state, tries: [last], reason }: WebhookDelivery): string {
  if (last === undefined) return 'The test waits for its turn. Look under Deliveries.'
  if (state === 'delivered') return `It arrived and was answered ${last.status} after ${duration(last.ms)}.`
  const why = reason === '' ? last.error : reason
  return state === 'failed'
    ? `It was not taken. ${why}`
    : `It was not taken. ${why} Baton tries it again, as it would with any other.`
}

export const deliveryTexts = {
  hint: 'Newest first, kept for a week.',
  empty: 'Nothing was sent yet. Test it, or wait for an event.',
  columns: { event: 'Event', when: 'When', state: 'State', tries: 'Tries', status: 'Status', took: 'Took' },
  states: { waiting: 'Waits', delivered: 'Delivered', failed: 'Given up' },
  nextAt: (when: string) => `next try ${when}`,
  more: 'Show more',
  again: 'Send again',
  againOf: (event: string, id: string) => `Send again: ${event} ${id}`,
  none: '–',
} as const

export const webhookSecretTexts = {
  title: 'Incoming webhooks',
  hint: (url: string) =>
    `Programs that carry out your jobs report with POST to ${url}, signed as X-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of “t.body” in hex>, with one of these secrets.`,
  thisBaton: '/webhook of a served Baton (baton serve)',
  environment: 'The variable WEBHOOK_SECRET holds one as well.',
  empty: 'There is no secret, so that no incoming webhook is taken.',
  name: 'Name',
  nameHint: 'Who signs with it.',
  own: 'Secret',
  ownHint: 'Empty: Baton makes one. Else at least 16 characters.',
  add: 'Add a secret',
  secret: 'Copy the secret now; it is shown this once:',
  since: (when: string) => `since ${when}`,
  remove: 'Remove',
  removeOf: (name: string) => `Remove ${name}`,
  removeTitle: (name: string) => `Remove the secret “${name}”`,
  removeWhy: 'What is signed with it is refused from then on.',
} as const
