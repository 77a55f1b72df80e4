import { seesOnly } from '#core/identity/caller.ts'
import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.usage

export const usage = {
  list: route.list.handler(({ context, input: { project_id, only, ...page } }) =>
    unwrap(context.core.usage.list(page, project_id, only, seesOnly(context.caller))),
  ),
  summary: route.summary.handler(async ({ context, input }) =>
    unwrap(await context.core.usage.summary(input.by, input.project_id, seesOnly(context.caller))),
  ),
  correct: route.correct.handler(async ({ context, input }) =>
    unwrap(await context.core.usage.correct(input.id, input.cost_micros)),
  ),
}
