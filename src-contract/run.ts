import { z } from 'zod'
import { projectId, runId, stepId, taskId } from './ids.ts'
import { micros } from './money.ts'
import { phase, phaseMark, runKind, runState, stepKind, stepState, tier } from './states.ts'
import { timestamp } from './time.ts'

export const run = z.object({
  id: runId,
  kind: runKind,
  project_id: projectId,
  task_id: taskId.nullable(),
  attempt: z.number().int(),
  state: runState,
  reason: z.string(),
  phase: phase.nullable(),
  tier: tier.nullable(),
  profile: z.string().nullable(),
  /** Why this profile was chosen. */
  route_reason: z.string(),
  paid: z.boolean(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_micros: micros,
  repairs: z.number().int(),
  violations: z.array(z.string()),
  /** The request, call or command that set the work going, as log lines and answers name it; null where nobody did. */
  correlation_id: z.string().nullable(),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
})
export type Run = z.infer<typeof run>

/** One phase boundary of a run, in the form of SPEC G1. */
export const runEvent = z.object({
  id: z.string(),
  run_id: runId,
  /** RFC 3339 with microseconds; strictly increasing within a run. */
  timestamp: z.string(),
  sequence: z.number().int().nonnegative(),
  node: phase,
  phase: phaseMark,
  summary: z.string(),
  payload: z.record(z.string(), z.unknown()),
})
export type RunEvent = z.infer<typeof runEvent>

export const step = z.object({
  id: stepId,
  run_id: runId,
  ordinal: z.number().int(),
  phase,
  kind: stepKind,
  name: z.string(),
  state: stepState,
  input: z.unknown(),
  output: z.unknown(),
  error: z.string().nullable(),
  files_changed: z.array(z.string()),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_micros: micros,
  started_at: timestamp,
  ended_at: timestamp.nullable(),
  /** Taken over from an earlier attempt instead of being done again. */
  reused: z.boolean(),
})
export type Step = z.infer<typeof step>

/** The context that was sent to the model (E7). */
export const runContext = z.object({
  system: z.string(),
  prompt: z.string(),
  /** Estimated tokens of system and prompt, and what the tier allows. */
  tokens: z.number().int(),
  token_budget: z.number().int(),
  parts: z.array(z.object({ name: z.string(), tokens: z.number().int(), shortened: z.boolean() })),
})
export type RunContext = z.infer<typeof runContext>
