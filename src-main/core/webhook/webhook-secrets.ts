import { err, ok, type Result } from '#contract/result.ts'
import type { KeptSecrets } from '../secret/kept-secrets.ts'
import type { WebhookRow } from '../store/schema.ts'

/** Under which name the secret of an outgoing webhook is kept. */
export function outgoingName(id: number, version: number): string {
  return `webhook-${id}-${version}`
}

/** Under which name a secret of incoming webhooks is kept. */
export function incomingName(id: number): string {
  return `webhook-in-${id}`
}

/** What signs a delivery now: the secret, and the former one while both do. The error is a sentence. */
export async function signingSecrets(
  secrets: KeptSecrets,
  { id, secret, former_until }: WebhookRow,
  now: number,
): Promise<Result<string[], string>> {
  const current = await secrets.get(outgoingName(id, secret))
  if (!current.ok) return current
  if (current.value === null) {
    return err('Its secret is not on this machine any more, so nothing was signed. Make a new one (rotate).')
  }
  if (former_until === null || former_until <= now) return ok([current.value])
  const former = await secrets.get(outgoingName(id, secret - 1))
  return ok(former.ok && former.value !== null ? [current.value, former.value] : [current.value])
}
