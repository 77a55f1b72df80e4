import { seesOnly } from '#core/identity/caller.ts'
import { api } from './implementer.ts'
import { locksFor } from './own-view.ts'
import { unwrap } from './unwrap.ts'

const route = api.locks

export const locks = {
  list: route.list.handler(({ context: { core, caller } }) => ({
    items: locksFor(core, caller, core.locks.list()),
    next_cursor: null,
  })),
  acquire: route.acquire.handler(async ({ context, input, signal }) =>
    unwrap(await context.core.locks.acquire(input, { signal, user: seesOnly(context.caller) })),
  ),
  release: route.release.handler(async ({ context, input }) => {
    unwrap(await context.core.locks.release(input.params.id, input.query.owner, seesOnly(context.caller)))
    return { ok: true as const }
  }),
  extend: route.extend.handler(async ({ context, input }) =>
    unwrap(await context.core.locks.extend(input.id, input.owner, input.ttl_ms, seesOnly(context.caller))),
  ),
  stats: route.stats.handler(({ context }) => context.core.locks.stats()),
}
