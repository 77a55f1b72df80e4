import { seesOnly } from '#core/identity/caller.ts'
import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.runs

export const runs = {
  list: route.list.handler(({ context, input }) => context.core.runs.list(input, seesOnly(context.caller))),
  create: route.create.handler(async ({ context, input }) => unwrap(await context.core.runs.create(input))),
  cancel: route.cancel.handler(async ({ context, input }) => unwrap(await context.core.runs.cancel(input.id))),
  get: route.get.handler(({ context, input }) => unwrap(context.core.runs.get(input.id))),
  events: route.events.handler(({ context, input: { id, ...place } }) => unwrap(context.core.runs.events(id, place))),
  steps: route.steps.handler(({ context, input }) => unwrap(context.core.runs.steps(input.id))),
  timeline: route.timeline.handler(({ context, input }) => unwrap(context.core.runs.timeline(input.id))),
  context: route.context.handler(({ context, input }) => unwrap(context.core.runs.context(input.id))),
}
