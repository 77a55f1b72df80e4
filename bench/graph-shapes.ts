import { MAX_PLAN_TASKS, type PlanDocument, planDocument } from '#contract/plan.ts'

/** Runs at once. */
export const CONCURRENCY = 16

const LAYERS = 10
const WIDTH = 100
const NEEDS = 3
const FLAT_TASKS = 10_000

function task(key: string, depends_on: readonly string[]): unknown {
  return { key, title: key, type: 'writing', complexity: 'simple', depends_on }
}

/** Names of the tasks that the task in this place of its layer needs: three neighbours of the layer before. */
function needsOf(layer: number, place: number): string[] {
  if (layer === 0) return []
  return Array.from({ length: NEEDS }, (_, step) => `l${layer - 1}-${(place + step) % WIDTH}`)
}

/** 10 layers of 100 tasks; each needs 3 of the layer before. */
export function layeredPlans(): PlanDocument[] {
  const tasks = Array.from({ length: LAYERS * WIDTH }, (_, index) => {
    const layer = Math.floor(index / WIDTH)
    const place = index % WIDTH
    return task(`l${layer}-${place}`, needsOf(layer, place))
  })
  return [planDocument.parse({ title: 'Layers', tasks })]
}

/** 10,000 tasks without dependencies, in as many plans of the largest size as that takes. */
export function flatPlans(): PlanDocument[] {
  return Array.from({ length: FLAT_TASKS / MAX_PLAN_TASKS }, (_, plan) =>
    planDocument.parse({
      title: `Flat ${plan}`,
      tasks: Array.from({ length: MAX_PLAN_TASKS }, (_, index) => task(`t${index}`, [])),
    }),
  )
}
