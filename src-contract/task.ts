import { z } from 'zod'
import { projectId, runId, taskId } from './ids.ts'
import { micros } from './money.ts'
import { planTask } from './plan.ts'
import { taskState, tier, waitingOn } from './states.ts'
import { timestamp } from './time.ts'

export const task = z.object({
  id: taskId,
  project_id: projectId,
  key: z.string(),
  position: z.number().int(),
  title: z.string(),
  description: z.string(),
  type: planTask.shape.type,
  complexity: planTask.shape.complexity,
  tier: tier.nullable(),
  tools: z.array(z.string()),
  acceptance: z.array(z.string()),
  verify_command: z.string().nullable(),
  write_scope: z.array(z.string()),
  hosts: z.array(z.string()),
  artifacts: z.array(z.string()),
  depends_on: z.array(taskId),
  priority: z.number().int(),
  state: taskState,
  waiting_on: waitingOn.nullable(),
  /** Why it does not run, or how it ended, in words; empty where there is nothing to say. */
  reason: z.string(),
  /** Paused by a person. */
  held: z.boolean(),
  /** A person took it out of batches: its calls are made at once. */
  at_once: z.boolean(),
  /** The moment at which a waiting task goes on by itself, where one is known. */
  resumes_at: timestamp.nullable(),
  attempts: z.number().int(),
  /** Last run, its place and what is known of it. */
  run_id: runId.nullable(),
  run_phase: z.string().nullable(),
  profile: z.string().nullable(),
  paid: z.boolean(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_micros: micros,
  output: z.string(),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
})
export type Task = z.infer<typeof task>

/** What a person may change on a task that is not running (E4 edit-and-retry). */
export const changeTask = z.strictObject({
  title: planTask.shape.title.optional(),
  description: z.string().max(20_000).optional(),
  tier: tier.nullable().optional(),
  tools: z.array(z.string().max(100)).max(50).optional(),
  acceptance: z.array(z.string().max(2_000)).max(50).optional(),
  verify_command: z.string().max(4_000).nullable().optional(),
  artifacts: z.array(z.string().min(1).max(1_000)).max(200).optional(),
  priority: z.number().int().min(0).max(9).optional(),
})
