import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import { seesOnly } from '#core/identity/caller.ts'
import type { RequestEnv } from './request-env.ts'

/**
 * `items` as long as their reader may read what they were let in for: a logout, another role or a revoked token ends the
 * stream before the next item. Whoever may still read opens it anew, with the rights that they have then.
 */
export async function* whileMay<T>(
  context: Context<RequestEnv>,
  core: Core,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  const caller = context.get('caller')
  const owner = seesOnly(caller)
  for await (const item of items) {
    const now = core.identity.again(caller)
    if (now === null || !now.scopes.has('read') || seesOnly(now) !== owner) return
    yield item
  }
}
