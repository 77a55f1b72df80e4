import { z } from 'zod'
import { plainDataFault } from './plain-data.ts'
import { requirements } from './requirements.ts'

/** Characters of JSON that may be handed along with a prompt. */
export const MAX_CONSTRAINTS = 8_000

const newRunFields = {
  prompt: requirements,
  /** What it may cost, in cents; absent: the limit that projects have in the settings. */
  budget_usd_cents: z.number().int().min(0).max(100_000_000).optional(),
  local_only: z.boolean().default(false),
  /** Name of the one model profile to use for everything. */
  profile: z.string().min(1).max(100).optional(),
}

/** A free prompt (G6). Every field that is not named here is a constraint, handed to the model as it is. */
export const newRun = z.preprocess(
  (given, context) => {
    const fault = plainDataFault('Constraints', given)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    return given
  },
  z.looseObject(newRunFields).superRefine((given, context) => {
    if (JSON.stringify(constraintsOf(given)).length <= MAX_CONSTRAINTS) return
    const message = `Constraints may have ${MAX_CONSTRAINTS} characters of JSON at most; put longer material into the prompt.`
    context.addIssue({ code: 'custom', message })
  }),
)
export type NewRun = z.output<typeof newRun>

/** What of a request is handed to the model. */
export function constraintsOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !Object.hasOwn(newRunFields, name)))
}
