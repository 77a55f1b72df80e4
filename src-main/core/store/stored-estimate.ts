import { z } from 'zod'
import { micros } from '#contract/money.ts'
import { planEstimate, taskEstimate } from '#contract/plan.ts'

const range = { low_micros: micros, high_micros: micros, low_ms: z.number().int(), high_ms: z.number().int() }
type Range = z.infer<z.ZodObject<typeof range>>

/** What was stored before estimates were percentiles: two ends, of which the upper one was what an approval authorised. */
const firstEstimate = z.lazy(() =>
  z
    .object({
      ...range,
      tokens_by_tier: planEstimate.shape.tokens_by_tier,
      samples: z.number().int(),
      tasks: z.array(
        taskEstimate
          .pick({ key: true, tier: true, profile: true, paid: true, input_tokens: true, output_tokens: true })
          .extend(range),
      ),
    })
    .transform((estimate): z.output<typeof planEstimate> => {
      const tokens = Object.values(estimate.tokens_by_tier).reduce((sum, count) => sum + count, 0)
      return {
        ...estimate,
        ...middleOf(estimate),
        upper_micros: estimate.high_micros,
        call_micros: 0,
        low_tokens: tokens,
        likely_tokens: tokens,
        high_tokens: tokens,
        sureness: estimate.samples === 0 ? 'guess' : 'rough',
        calibrated_by: 0,
        past: { cost: null, time: null, tokens: null },
        tasks: estimate.tasks.map((task) => ({ ...task, ...middleOf(task), basis: 'default', samples: 0 })),
      }
    }),
)

/** An estimate as a row holds it; one of before reads with the middle of its two ends as what was likely. */
export const storedEstimate = z.union([planEstimate, firstEstimate])

function middleOf({ low_micros, high_micros, low_ms, high_ms }: Range): { likely_micros: number; likely_ms: number } {
  return { likely_micros: Math.round((low_micros + high_micros) / 2), likely_ms: Math.round((low_ms + high_ms) / 2) }
}
