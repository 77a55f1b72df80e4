import { MAX_PLAN_TASKS, type PlanDocument } from '#contract/plan.ts'
import { flatPlans, layeredPlans } from './graph-shapes.ts'

/** How open tasks hang together: all ready, or nine of ten pending behind others. */
export const OPEN_SHAPES = ['flat', 'dag'] as const
export type OpenShape = (typeof OPEN_SHAPES)[number]

/** Plans with `tasks` tasks in all, which is a multiple of the largest plan. */
export function openPlans(shape: OpenShape, tasks: number): PlanDocument[] {
  const [plan] = shape === 'flat' ? flatPlans() : layeredPlans()
  if (plan === undefined) throw new Error(`The shape ${shape} has no plan`)
  return Array.from({ length: tasks / MAX_PLAN_TASKS }, () => plan)
}
