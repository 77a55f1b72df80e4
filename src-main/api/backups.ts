import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.backups

export const backups = {
  list: route.list.handler(({ context }) => ({ items: context.core.backups.list(), next_cursor: null })),
  create: route.create.handler(async ({ context }) => unwrap(await context.core.backups.create())),
  verify: route.verify.handler(async ({ context, input }) => unwrap(await context.core.backups.verify(input.id))),
}
