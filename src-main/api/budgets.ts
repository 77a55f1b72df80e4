import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.budgets

export const budgets = {
  get: route.get.handler(({ context }) => context.core.budget.get()),
  set: route.set.handler(async ({ context, input }) => unwrap(await context.core.budget.set(input))),
}
