import { z } from 'zod'

/** Every state word of the product. Core holds the transition table of each beside its owner. */

export const projectState = z.enum([
  'draft',
  'planning',
  'awaiting_approval',
  'executing',
  'paused',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
])
export type ProjectState = z.infer<typeof projectState>

export const planState = z.enum(['draft', 'proposed', 'approved', 'rejected', 'superseded'])
export type PlanState = z.infer<typeof planState>

export const taskState = z.enum([
  'pending',
  'ready',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'waiting',
  'blocked',
])
export type TaskState = z.infer<typeof taskState>

/** What a `waiting` task cannot go on without. */
export const waitingOn = z.enum(['budget', 'resource', 'lock', 'approval', 'rate_limit', 'retry', 'batch'])
export type WaitingOn = z.infer<typeof waitingOn>

export const runState = z.enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'])
export type RunState = z.infer<typeof runState>

/** A task that was dispatched from outside. */
export const jobState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
export type JobState = z.infer<typeof jobState>

export const runKind = z.enum(['plan', 'task', 'summary'])
export type RunKind = z.infer<typeof runKind>

/** The phases of a run, in the order in which it passes them. */
export const phase = z.enum(['intent', 'planner', 'selector', 'tool_exec', 'verifier', 'repair', 'synth', 'responder'])
export type Phase = z.infer<typeof phase>

export const phaseMark = z.enum(['started', 'completed', 'failed'])
export type PhaseMark = z.infer<typeof phaseMark>

export const stepKind = z.enum(['model', 'tool'])
export type StepKind = z.infer<typeof stepKind>

/** `sent` is written before the effect; the other three after it. `unknown`: the effect may have happened. */
export const stepState = z.enum(['sent', 'done', 'failed', 'unknown'])
export type StepState = z.infer<typeof stepState>

export const reservationState = z.enum(['reserved', 'sent', 'settled', 'unconfirmed', 'released'])
export type ReservationState = z.infer<typeof reservationState>

/** A batch of model calls at a provider (R5). */
export const batchState = z.enum(['sending', 'waiting', 'canceling', 'ended'])
export type BatchState = z.infer<typeof batchState>

/** One call in a batch. The last five have no further part in it. */
export const batchRequestState = z.enum(['collecting', 'sent', 'faulted', 'answered', 'failed', 'returned', 'expired'])
export type BatchRequestState = z.infer<typeof batchRequestState>

export const tier = z.enum(['local', 'fast', 'strong'])
export type Tier = z.infer<typeof tier>

export const taskType = z.enum([
  'research',
  'analysis',
  'asset',
  'code',
  'integration',
  'planning',
  'writing',
  'review',
])
export type TaskType = z.infer<typeof taskType>

export const complexity = z.enum(['simple', 'medium', 'complex'])
export type Complexity = z.infer<typeof complexity>

/** `task`: the work of one run; `undo` and `restore`: a person put files back. */
export const checkpointKind = z.enum(['task', 'undo', 'restore'])
