import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.webhooks
const done = { ok: true as const }

export const webhooks = {
  list: route.list.handler(({ context }) => ({ items: context.core.webhooks.list(), next_cursor: null })),
  create: route.create.handler(async ({ context, input }) => unwrap(await context.core.webhooks.create(input))),
  change: route.change.handler(async ({ context, input }) => unwrap(await context.core.webhooks.change(input))),
  remove: route.remove.handler(async ({ context, input }) => {
    unwrap(await context.core.webhooks.remove(input.id))
    return done
  }),
  rotate: route.rotate.handler(async ({ context, input }) =>
    unwrap(await context.core.webhooks.rotate(input.id, input.overlap_hours)),
  ),
  test: route.test.handler(async ({ context, input }) => unwrap(await context.core.webhooks.test(input.id))),
  deliveries: route.deliveries.handler(({ context, input: { id, ...page } }) =>
    unwrap(context.core.webhooks.deliveries(id, page)),
  ),
  redeliver: route.redeliver.handler(async ({ context, input }) =>
    unwrap(await context.core.webhooks.redeliver(input.id)),
  ),
  secrets: route.secrets.handler(({ context }) => context.core.webhooks.secrets()),
  addSecret: route.addSecret.handler(async ({ context, input }) =>
    unwrap(await context.core.webhooks.addSecret(input)),
  ),
  removeSecret: route.removeSecret.handler(async ({ context, input }) => {
    unwrap(await context.core.webhooks.removeSecret(input.id))
    return done
  }),
}
