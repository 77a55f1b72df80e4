import type { Complexity } from '#contract/states.ts'
import { normalQuantile } from './normal.ts'
import type { TaskClass, TaskUse } from './past-tasks.ts'

/** The 10th, 50th and 90th percentile. */
type Percentiles = readonly [number, number, number]

/**
 * What a first try at a task uses where this machine has no history: the tokens of all its model turns (a task with tools
 * takes two to six, and each sends the conversation again) and the time (ms) at a cloud model's pace.
 */
const FIRST_TRY: Readonly<Record<Complexity, { input: Percentiles; output: Percentiles; ms: Percentiles }>> = {
  simple: { input: [3_000, 6_000, 15_000], output: [400, 1_200, 3_000], ms: [8_000, 20_000, 60_000] },
  medium: { input: [6_000, 16_000, 40_000], output: [1_000, 3_500, 8_000], ms: [20_000, 60_000, 180_000] },
  complex: { input: [15_000, 45_000, 120_000], output: [3_000, 9_000, 24_000], ms: [60_000, 180_000, 480_000] },
}
/** Local models write at about half a cloud model's pace. */
const LOCAL_PACE = 2
/** The demo model answers at once. */
const STAND_IN_PACE = 0.005
const COUNT = 40

/** Tasks as they may go where nothing is known yet, each as likely as the other: one in five needs a repair (G1), some two. */
export function defaultUses({ complexity, tier, stand_in }: TaskClass): TaskUse[] {
  const { input, output, ms } = FIRST_TRY[complexity]
  const pace = stand_in ? STAND_IN_PACE : tier === 'local' ? LOCAL_PACE : 1
  return Array.from({ length: COUNT }, (_, index) => {
    const share = (index + 0.5) / COUNT
    const tries = index % 20 === 7 ? 3 : index % 5 === 2 ? 2 : 1
    const input_tokens = Math.ceil(at(input, share))
    return {
      input_tokens: input_tokens * tries,
      cache_write_tokens: 0,
      cache_read_tokens: 0,
      output_tokens: Math.ceil(at(output, share)) * tries,
      call_tokens: input_tokens,
      ms: Math.ceil(at(ms, share) * pace) * tries,
    }
  })
}

/** A log-normal distribution through the three percentiles, with a width of its own on either side of the middle one. */
function at([p10, p50, p90]: Percentiles, share: number): number {
  const width = share < 0.5 ? Math.log(p50 / p10) : Math.log(p90 / p50)
  return p50 * Math.exp((normalQuantile(share) / normalQuantile(0.9)) * width)
}
