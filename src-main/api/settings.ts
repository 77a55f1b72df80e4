import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.settings

export const settings = {
  get: route.get.handler(({ context }) => context.core.settings.get()),
  change: route.change.handler(async ({ context, input }) => unwrap(await context.core.settings.change(input))),
  fixed: route.fixed.handler(({ context }) => context.core.settings.fixed()),
}
