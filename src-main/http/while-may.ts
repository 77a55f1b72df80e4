import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import { mayStillRead } from '#core/identity/caller.ts'
import type { RequestEnv } from './request-env.ts'

/**
 * `items` as long as their reader may read what they were let in for: a logout, another role or a revoked token ends the
 * stream at once, by aborting `reader`, on whose signal `items` end. Whoever may still read opens it anew, with the rights
 * that they have then.
 */
export async function* whileMay<T>(
  context: Context<RequestEnv>,
  core: Core,
  items: AsyncIterable<T>,
  reader: AbortController,
): AsyncGenerator<T> {
  const caller = context.get('caller')
  const mayStill = (): boolean => mayStillRead(caller, core.identity.again(caller))
  const unwatch = core.identity.watch(caller, () => {
    if (!mayStill()) reader.abort()
  })
  try {
    for await (const item of items) {
      if (!mayStill()) return
      yield item
    }
  } finally {
    unwatch()
  }
}
