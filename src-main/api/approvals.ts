import { seesOnly } from '#core/identity/caller.ts'
import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.approvals

export const approvals = {
  list: route.list.handler(({ context, input }) => ({
    items: context.core.approvals.list(input.state, seesOnly(context.caller)),
    next_cursor: null,
  })),
  decide: route.decide.handler(async ({ context, input }) => unwrap(await context.core.approvals.decide(input))),
}
