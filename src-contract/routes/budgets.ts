import { budget, budgetLimits } from '../budget.ts'
import { route } from './route.ts'

/** Budget of the whole Baton: what may be spent, and what was (B1). */
export const budgets = {
  get: route.route({ method: 'GET', path: '/budget' }).output(budget),
  set: route.route({ method: 'PUT', path: '/budget' }).input(budgetLimits.partial()).output(budget),
}
