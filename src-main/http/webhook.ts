import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import type { RequestEnv } from './request-env.ts'
import { refusalResponse } from './wire-error.ts'

/** Where webhooks come in: at the root, too (A2). */
export const WEBHOOK_PATHS = ['/webhook', '/api/webhook']
/** A webhook says what became of a job; files are not its business. */
export const WEBHOOK_BYTES = 1_000_000

/** Takes a webhook (A5): the bytes as they came, because those are what was signed. */
export async function takeWebhook(context: Context<RequestEnv>, core: Core): Promise<Response> {
  const since = performance.now()
  context.set('route', '/webhook')
  const { verdict, answer } = await core.webhooks.receive({
    signature: context.req.header('x-signature'),
    event_id: context.req.header('x-event-id'),
    body: new Uint8Array(await context.req.arrayBuffer()),
  })
  const metrics = context.get('metrics')
  metrics?.webhookVerified(verdict)
  metrics?.webhookProcessed((performance.now() - since) / 1_000)
  return answer.ok ? context.json(answer.value) : refusalResponse(answer.error)
}
