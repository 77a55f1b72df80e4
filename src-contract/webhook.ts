import { z } from 'zod'
import { EVENT_TYPES, type EventType } from './event.ts'
import { projectId, webhookDeliveryId, webhookId, webhookSecretId } from './ids.ts'
import { TASK_EVENTS } from './incoming-webhook.ts'
import { timestamp } from './time.ts'

/** Events that are told of by one of those names: of tasks in projects, and of jobs. */
const TOLD_AS_TASK = new Set<EventType>(['task.state', 'job.queued', 'job.started', 'job.progress', 'job.ended'])
export const WEBHOOK_EVENTS = [...TASK_EVENTS, ...EVENT_TYPES.filter((type) => !TOLD_AS_TASK.has(type))] as const

/** What an endpoint may ask for: `*` is everything. */
export const webhookEvent = z.enum(['*', ...WEBHOOK_EVENTS])

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2_000)
const events = z.array(webhookEvent).min(1).max(100)
/**
 * The host (`name`, `name:port`) of the URL, repeated, where it is one of a private network or of this machine: whoever
 * writes it here wants it reached. Without it only public addresses are.
 */
const privateHost = z.string().trim().toLowerCase().min(1).max(300).nullable()

/** Where Baton tells of what happens. */
export const webhook = z.object({
  id: webhookId,
  url: z.string(),
  events: z.array(z.string()),
  project_id: projectId.nullable(),
  private_host: z.string().nullable(),
  active: z.boolean(),
  /** Why it is not active, where Baton stopped it itself; else empty. */
  reason: z.string(),
  created_at: timestamp,
  /** Until then its former secret signs, too; null: there is none. */
  former_secret_until: timestamp.nullable(),
  /** Deliveries that wait for their turn or for their next try. */
  waiting: z.number().int(),
})
export type Webhook = z.infer<typeof webhook>

export const newWebhook = z.strictObject({
  url,
  events: events.default(['task.completed', 'task.failed']),
  project_id: projectId.nullable().default(null),
  private_host: privateHost.default(null),
})

export const changeWebhook = z.strictObject({
  id: webhookId,
  url: url.optional(),
  events: events.optional(),
  project_id: projectId.nullable().optional(),
  private_host: privateHost.optional(),
  active: z.boolean().optional(),
})

/** A webhook with its secret, which is shown this once. */
export const madeWebhook = webhook.extend({ secret: z.string() })

export const rotateWebhook = z.strictObject({
  id: webhookId,
  /** How long the former secret signs beside the new one, in hours. */
  overlap_hours: z.number().int().min(0).max(720).default(24),
})

/** One try of a delivery: the status that came back, or why none did. */
export const webhookAttempt = z.object({
  at: timestamp,
  ms: z.number().int(),
  status: z.number().int().nullable(),
  error: z.string(),
})

export const webhookDelivery = z.object({
  id: webhookDeliveryId,
  webhook_id: webhookId,
  /** The same at each try, in the body and as `X-Event-Id`. */
  event_id: z.string(),
  event: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  /** Why it was given up; else empty. */
  reason: z.string(),
  attempts: z.number().int(),
  /** When it is tried next; null where it is over. */
  next_at: timestamp.nullable(),
  created_at: timestamp,
  /** The newest first, at most ten. */
  tries: z.array(webhookAttempt),
})
export type WebhookDelivery = z.infer<typeof webhookDelivery>

/** A secret that incoming webhooks may be signed with; its text is never given back. */
export const webhookSecret = z.object({ id: webhookSecretId, name: z.string(), created_at: timestamp })
export type WebhookSecret = z.infer<typeof webhookSecret>

export const webhookSecrets = z.object({
  /** Whether the variable WEBHOOK_SECRET holds one as well. */
  environment: z.boolean(),
  items: z.array(webhookSecret),
})
export type WebhookSecrets = z.infer<typeof webhookSecrets>

export const newWebhookSecret = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** One that the sender has already; absent: Baton makes one. */
  secret: z.string().min(16, 'must have at least 16 characters').max(500).optional(),
})
export const madeWebhookSecret = webhookSecret.extend({ secret: z.string() })

/** What a webhook that was taken is answered with. `duplicate`: this event was taken before; nothing was done again. */
export const webhookTaken = z.object({
  status: z.enum(['accepted', 'duplicate']),
  event_id: z.string().nullable(),
  task_id: z.string(),
})
export type WebhookTaken = z.infer<typeof webhookTaken>
