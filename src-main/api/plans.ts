import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.plans

export const plans = {
  get: route.get.handler(({ context, input }) => unwrap(context.core.plans.get(input.id))),
  check: route.check.handler(({ context, input }) => unwrap(context.core.plans.check(input.id, input.document))),
  edit: route.edit.handler(async ({ context, input }) =>
    unwrap(await context.core.plans.edit(input.id, input.document, input.note, input.was)),
  ),
  approve: route.approve.handler(async ({ context, input }) =>
    unwrap(await context.core.plans.approve(input.id, input.authorise_micros)),
  ),
  reject: route.reject.handler(async ({ context, input }) =>
    unwrap(await context.core.plans.reject(input.id, input.note)),
  ),
  comment: route.comment.handler(async ({ context, input }) =>
    unwrap(await context.core.plans.comment(input.id, input.task, input.text, context.caller.name)),
  ),
  uncomment: route.uncomment.handler(async ({ context, input }) =>
    unwrap(await context.core.plans.uncomment(input.id, input.comment_id)),
  ),
  revise: route.revise.handler(async ({ context, input }) =>
    unwrap(await context.core.plans.revise(input.id, input.note)),
  ),
}
