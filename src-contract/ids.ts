import { z } from 'zod'

/**
 * Public ids: a prefix that names the kind, and the row's integer in Crockford base32, lower case.
 * Inside, rows have integer keys; the text form is computed, so no second index exists.
 */
export const ID_PREFIX = {
  project: 'prj',
  plan: 'pln',
  plan_comment: 'cmt',
  task: 'tsk',
  run: 'run',
  step: 'stp',
  reservation: 'rsv',
  attachment: 'att',
  checkpoint: 'chk',
  lock: 'lck',
  approval: 'apr',
  source: 'src',
  document: 'doc',
  user: 'usr',
  invite: 'inv',
  api_token: 'tok',
  job: 'job',
  job_session: 'ses',
  webhook: 'whk',
  webhook_delivery: 'whd',
  webhook_secret: 'whs',
} as const
export type IdKind = keyof typeof ID_PREFIX

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

function idSchema(kind: IdKind) {
  return z
    .string()
    .regex(new RegExp(`^${ID_PREFIX[kind]}_[${ALPHABET}]{1,11}$`), `must look like ${ID_PREFIX[kind]}_1a`)
}

/** As many tasks as one call may name: their address stays far below what servers take. */
export const MAX_TASK_IDS = 100

export const projectId = idSchema('project')
export const planId = idSchema('plan')
export const planCommentId = idSchema('plan_comment')
export const taskId = idSchema('task')
/** Some tasks, parted by commas as an address is. */
export const taskIds = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(taskId).max(MAX_TASK_IDS))
export const runId = idSchema('run')
export const stepId = idSchema('step')
export const reservationId = idSchema('reservation')
export const attachmentId = idSchema('attachment')
export const checkpointId = idSchema('checkpoint')
export const lockId = idSchema('lock')
export const approvalId = idSchema('approval')
export const sourceId = idSchema('source')
export const documentId = idSchema('document')
export const userId = idSchema('user')
export const inviteId = idSchema('invite')
export const apiTokenId = idSchema('api_token')
export const jobId = idSchema('job')
export const jobSessionId = idSchema('job_session')
export const webhookId = idSchema('webhook')
export const webhookDeliveryId = idSchema('webhook_delivery')
export const webhookSecretId = idSchema('webhook_secret')

/** The public id of row `key`. */
export function encodeId(kind: IdKind, key: number): string {
  let rest = key
  let text = ''
  do {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  } while (rest > 0)
  return `${ID_PREFIX[kind]}_${text}`
}

/** The row key behind a public id, or null where the text is not an id of that kind. */
export function decodeId(kind: IdKind, id: string): number | null {
  const prefix = `${ID_PREFIX[kind]}_`
  if (!id.startsWith(prefix) || id.length === prefix.length) return null
  let key = 0
  for (const character of id.slice(prefix.length)) {
    const digit = ALPHABET.indexOf(character)
    if (digit < 0) return null
    key = key * 32 + digit
  }
  return Number.isSafeInteger(key) ? key : null
}
