import { z } from 'zod'
import { micros } from './money.ts'
import { taskState } from './states.ts'

/** How a project ended (E9). */
export const projectResult = z.object({
  summary: z.string(),
  /** Who wrote the summary: a model profile, or null where Baton listed the facts itself. */
  summary_by: z.string().nullable(),
  not_done: z.array(z.object({ task_id: z.string(), title: z.string(), state: taskState, reason: z.string() })),
  cost_micros: micros,
  estimated_high_micros: micros,
  /** How long it was worked at: without pauses, waits and the time in which no Baton lived. */
  elapsed_ms: z.number().int(),
  estimated_high_ms: z.number().int(),
})
export type ProjectResult = z.infer<typeof projectResult>
