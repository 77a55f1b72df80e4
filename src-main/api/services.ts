import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.services

export const services = {
  list: route.list.handler(({ context }) => context.core.services.list()),
  gpu: route.gpu.handler(({ context }) => context.core.services.gpu()),
  imageTemplates: route.imageTemplates.handler(({ context }) => context.core.services.imageTemplates()),
  check: route.check.handler(async ({ context, input }) => unwrap(await context.core.services.check(input.name))),
}
