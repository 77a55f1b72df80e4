import { z } from 'zod'
import { projectId, runId, stepId, taskId } from './ids.ts'
import { micros } from './money.ts'
import { phase, phaseMark, runKind, runState, stepKind, stepState, tier, waitingOn } from './states.ts'
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
  /** Those of this attempt: not those of an earlier one from whose steps it goes on. */
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

export const runAccepted = z.object({ run_id: runId, status: z.literal('accepted') })

/** A run with what it was asked and what came of it. In lists, only the beginning of the prompt and the answer. */
export const runDetail = run.extend({
  /** The same as `state`. */
  status: runState,
  /** What the work is called. */
  title: z.string(),
  /** The free prompt, and what was handed along with it; null where the run belongs to a plan. */
  prompt: z.string().nullable(),
  constraints: z.record(z.string(), z.unknown()).nullable(),
  /** What the model said at the end; null before, and where it did not succeed. */
  answer: z.string().nullable(),
  /** Files of the workspace that it changed. */
  artifacts: z.array(z.string()),
  waiting_on: waitingOn.nullable(),
  /** Where the spending of its project stops. */
  limit_micros: micros.nullable(),
})
export type RunDetail = z.infer<typeof runDetail>

/** Where a reader of a run's events goes on; both are exclusive. `after` is an event's id. */
export const runEventsQuery = {
  after: z.string().max(64).optional(),
  /** The `timestamp` of an event, RFC 3339. A `+` that came as a space is taken as one. */
  last_ts: z
    .string()
    .max(64)
    .transform((text) => text.replace(' ', '+'))
    .pipe(z.iso.datetime({ offset: true, error: 'must be a moment such as 2026-11-21T09:30:00.123456Z' }))
    .optional(),
}

/** What a reader of one run gets: its events in order, a sign of life between them, and the end. */
export type RunStreamItem =
  | { readonly kind: 'run_event'; readonly event: RunEvent }
  | { readonly kind: 'heartbeat'; readonly ts: string }
  | { readonly kind: 'done'; readonly status: z.infer<typeof runState> }
