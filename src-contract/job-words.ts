import type { z } from 'zod'
import { plainDataFault } from './plain-data.ts'

/** The core that is this one: its jobs are carried out here, as free prompts. Every other name is a worker's. */
export const OWN_CORE = 'baton'
/** Characters of JSON that may be handed along with a job, and that may be its result. */
export const MAX_METADATA = 8_000
export const MAX_RESULT = 200_000

/** Of a 204: why there was no job, where there may be one; while everything is paused none is given out. */
export const NO_JOB_HEADER = 'x-baton-reason'

/** JSON of bounded size that is what it seems to be; `what` names it in faults. */
export function plainJson<Schema extends z.ZodType>(schema: Schema, what: string, characters: number) {
  return schema.superRefine((value, context) => {
    const fault = plainDataFault(what, value)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    else if ((JSON.stringify(value) ?? '').length > characters) {
      context.addIssue({ code: 'custom', message: `${what} may have ${characters} characters of JSON at most.` })
    }
  })
}
