import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.runs

export const runs = {
  get: route.get.handler(({ context, input }) => unwrap(context.core.runs.get(input.id))),
  events: route.events.handler(({ context, input }) => unwrap(context.core.runs.events(input.id))),
  steps: route.steps.handler(({ context, input }) => unwrap(context.core.runs.steps(input.id))),
  context: route.context.handler(({ context, input }) => unwrap(context.core.runs.context(input.id))),
}
