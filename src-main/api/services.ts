import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.services

export const services = {
  list: route.list.handler(({ context }) => context.core.services.list()),
  check: route.check.handler(async ({ context, input }) => unwrap(await context.core.services.check(input.name))),
}
