import { z } from 'zod'
import { runId, taskId } from './ids.ts'
import { micros } from './money.ts'
import { phase, runState } from './states.ts'
import { timestamp } from './time.ts'

/** A stretch of time. `to` is null while it goes on. */
const stretch = { from: z.string(), to: z.string().nullable() }

/** A run of a task on the time axis of its project: from when to when, in which phases, and what it waited for. */
export const attempt = z.object({
  run_id: runId,
  task_id: taskId,
  attempt: z.number().int(),
  state: runState,
  profile: z.string().nullable(),
  paid: z.boolean(),
  cost_micros: micros,
  from: timestamp,
  to: timestamp.nullable(),
  phases: z.array(z.object({ ...stretch, name: phase })),
  /** `reason`: what for, in words. */
  waits: z.array(z.object({ ...stretch, reason: z.string() })),
})
export type Attempt = z.infer<typeof attempt>
