import { z } from 'zod'
import { planCommentId, planId } from '../ids.ts'
import { plan, planDocument, planProblem, taskKey } from '../plan.ts'
import { project } from '../project.ts'
import { ofPlan, route } from './route.ts'

/** Plan: read, edit, decide. */
export const plans = {
  get: route.route({ method: 'GET', path: '/plans/{id}' }).input(ofPlan).output(plan),
  /** Checks an edited document without storing it: what is wrong, and what it would cost. */
  check: route
    .route({ method: 'POST', path: '/plans/{id}/check' })
    .input(z.strictObject({ id: planId, document: z.unknown() }))
    .output(
      z.object({
        problems: z.array(planProblem),
        document: planDocument.nullable(),
        estimate: plan.shape.estimate.nullable(),
      }),
    ),
  /**
   * Stores an edited document as the next version and answers with it. `was` says, by their keys, what tasks were called
   * in the version edited, so that their comments find them; null for a new task that has got the key of another.
   */
  edit: route
    .route({ method: 'PUT', path: '/plans/{id}' })
    .input(
      z.strictObject({
        id: planId,
        document: z.unknown(),
        note: z.string().max(2_000).default(''),
        was: z.record(taskKey, taskKey.nullable()).default({}),
      }),
    )
    .output(plan),
  approve: route
    .route({ method: 'POST', path: '/plans/{id}/approve' })
    .input(z.strictObject({ id: planId, authorise_micros: z.number().int().nonnegative().optional() }))
    .output(project),
  reject: route
    .route({ method: 'POST', path: '/plans/{id}/reject' })
    .input(z.strictObject({ id: planId, note: z.string().max(2_000).default('') }))
    .output(project),
  /** Comments on a task of this version; answers with the plan. */
  comment: route
    .route({ method: 'POST', path: '/plans/{id}/comments' })
    .input(z.strictObject({ id: planId, task: taskKey, text: z.string().trim().min(1).max(2_000) }))
    .output(plan),
  uncomment: route
    .route({ method: 'DELETE', path: '/plans/{id}/comments/{comment_id}' })
    .input(z.strictObject({ id: planId, comment_id: planCommentId }))
    .output(plan),
  /** Asks the planner for another version that heeds `note` and the comments on this one; one of both is needed. */
  revise: route
    .route({ method: 'POST', path: '/plans/{id}/revise', successStatus: 202 })
    .input(z.strictObject({ id: planId, note: z.string().max(20_000).default('') }))
    .output(project),
}
