import { z } from 'zod'
import { webhookDeliveryId, webhookId, webhookSecretId } from '../ids.ts'
import { pageOf, pageQuery } from '../page.ts'
import {
  changeWebhook,
  madeWebhook,
  madeWebhookSecret,
  newWebhook,
  newWebhookSecret,
  rotateWebhook,
  webhook,
  webhookDelivery,
  webhookSecrets,
} from '../webhook.ts'
import { done, route } from './route.ts'

const ofWebhook = z.strictObject({ id: webhookId })

/** Told to others, and told by others (A5). Webhooks that come in have a route written by hand: `POST /webhook`. */
export const webhooks = {
  list: route.route({ method: 'GET', path: '/webhooks' }).output(pageOf(webhook)),
  create: route.route({ method: 'POST', path: '/webhooks', successStatus: 201 }).input(newWebhook).output(madeWebhook),
  change: route.route({ method: 'PATCH', path: '/webhooks/{id}' }).input(changeWebhook).output(webhook),
  remove: route.route({ method: 'DELETE', path: '/webhooks/{id}' }).input(ofWebhook).output(done),
  /** A new secret; for a while the former one signs, too. */
  rotate: route.route({ method: 'POST', path: '/webhooks/{id}/rotate' }).input(rotateWebhook).output(madeWebhook),
  /** Sends a trial and answers with how it went. */
  test: route.route({ method: 'POST', path: '/webhooks/{id}/test' }).input(ofWebhook).output(webhookDelivery),
  /** What was sent, and what waits to be; newest first. */
  deliveries: route
    .route({ method: 'GET', path: '/webhooks/{id}/deliveries' })
    .input(ofWebhook.extend(pageQuery))
    .output(pageOf(webhookDelivery)),
  redeliver: route
    .route({ method: 'POST', path: '/webhook-deliveries/{id}/redeliver', successStatus: 202 })
    .input(z.strictObject({ id: webhookDeliveryId }))
    .output(webhookDelivery),
  /** What incoming webhooks may be signed with. */
  secrets: route.route({ method: 'GET', path: '/webhook-secrets' }).output(webhookSecrets),
  addSecret: route
    .route({ method: 'POST', path: '/webhook-secrets', successStatus: 201 })
    .input(newWebhookSecret)
    .output(madeWebhookSecret),
  removeSecret: route
    .route({ method: 'DELETE', path: '/webhook-secrets/{id}' })
    .input(z.strictObject({ id: webhookSecretId }))
    .output(done),
}
