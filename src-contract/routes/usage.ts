import { z } from 'zod'
import { projectId } from '../ids.ts'
import { pageOf, pageQuery } from '../page.ts'
import { correctUsage, usageEntry, usageGroup, usageSums } from '../usage.ts'
import { route } from './route.ts'

/** Usage: what each call used and cost (B5). */
export const usage = {
  list: route
    .route({ method: 'GET', path: '/usage' })
    .input(z.strictObject({ ...pageQuery, project_id: projectId.optional(), only: z.enum(['unconfirmed']).optional() }))
    .output(pageOf(usageEntry)),
  summary: route
    .route({ method: 'GET', path: '/usage/summary' })
    .input(z.strictObject({ by: usageGroup.default('day'), project_id: projectId.optional() }))
    .output(usageSums),
  /** Settles an unconfirmed call at what it really cost; never above what is booked for it. */
  correct: route.route({ method: 'PUT', path: '/usage/{id}/correction' }).input(correctUsage).output(usageEntry),
}
