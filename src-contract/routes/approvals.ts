import { approval, approvalsQuery, decideApproval } from '../approval.ts'
import { pageOf } from '../page.ts'
import { route } from './route.ts'

/** Tool calls that wait for a person (T5). */
export const approvals = {
  list: route.route({ method: 'GET', path: '/approvals' }).input(approvalsQuery).output(pageOf(approval)),
  decide: route.route({ method: 'POST', path: '/approvals/{id}' }).input(decideApproval).output(approval),
}
