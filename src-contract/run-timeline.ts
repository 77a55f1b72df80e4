import { z } from 'zod'
import { micros } from './money.ts'

/**
 * Something that happened in a run, with when, why and what it took: a phase, a model call or a tool call in it, a wait, a
 * question to a person and its answer, or the end.
 */
export const runMoment = z.object({
  /** Unique within the run. */
  id: z.string(),
  kind: z.enum(['phase', 'model', 'tool', 'wait', 'approval', 'end']),
  /** The moment of the phase in which it happened; null for phases themselves and for what happened outside of them. */
  phase_id: z.string().nullable(),
  /** The phase's, model profile's or tool's name; empty for others. */
  name: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'waiting', 'cancelled', 'unknown']),
  /** RFC 3339. */
  from: z.string(),
  /** Null while it goes on. */
  to: z.string().nullable(),
  /** Why, or what came of it, in words. */
  reason: z.string(),
  /** What a check found, or a repair has to mend. */
  findings: z.array(z.string()),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_micros: micros,
  /** Whether its model is paid for elsewhere. */
  paid: z.boolean(),
  /** Whether it was taken over from an earlier attempt. */
  reused: z.boolean(),
})
export type RunMoment = z.infer<typeof runMoment>
