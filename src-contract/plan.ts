import { z } from 'zod'
import { hostPatterns } from './host.ts'
import { planCommentId, planId, projectId, taskId } from './ids.ts'
import { micros } from './money.ts'
import { complexity, planState, taskState, taskType, tier } from './states.ts'
import { timestamp } from './time.ts'

// One of each for all that have it: a start makes what stands here.
const text = z.string()
const whole = z.number().int()

export const MAX_PLAN_TASKS = 1_000

/** A file that a task promises to leave behind, relative to the workspace. */
export const artifactPath = z.string().min(1).max(1_000)

/** Names a task within its plan: `t1`, `owl`. Dependencies refer to it. */
export const taskKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, _ . - (at most 64)')

export const planTask = z.strictObject({
  key: taskKey,
  title: z.string().trim().min(1).max(300),
  description: z.string().max(20_000).default(''),
  type: taskType,
  complexity,
  /** Null: the routing table decides. */
  tier: tier.nullable().default(null),
  tools: z.array(z.string().max(100)).max(50).default([]),
  depends_on: z.array(taskKey).max(MAX_PLAN_TASKS).default([]),
  acceptance: z.array(z.string().max(2_000)).max(50).default([]),
  verify_command: z.string().max(4_000).nullable().default(null),
  write_scope: z.array(z.string().max(1_000)).max(100).default([]),
  /** Hosts of the internet that the task may reach, its commands included (T4, T6). Approved with the plan. */
  hosts: hostPatterns.default([]),
  artifacts: z.array(artifactPath).max(200).default([]),
})
export type PlanTask = z.infer<typeof planTask>

/** What a plan says. The same shape is edited in the UI, stored, and exported as JSON or YAML. */
export const planDocument = z.strictObject({
  title: z.string().trim().min(1).max(300),
  summary: z.string().max(10_000).default(''),
  tasks: z.array(planTask).min(1).max(MAX_PLAN_TASKS),
})
export type PlanDocument = z.infer<typeof planDocument>

/** Something Baton set right in a plan without loss, told to the user. */
export const planRepair = z.object({ task: z.string().nullable(), what: text })
export type PlanRepair = z.infer<typeof planRepair>

/** Something wrong in a plan that nobody could set right without guessing. */
export const planProblem = z.object({
  task: z.string().nullable(),
  field: z.string().nullable(),
  message: text,
})
export type PlanProblem = z.infer<typeof planProblem>

/**
 * The narrowest class of past tasks with enough of them to base an estimate on: the same model, the same type, complexity
 * and tier, the same complexity and tier, or none.
 */
export const estimateBasis = z.enum(['model', 'kind', 'complexity', 'default'])
export type EstimateBasis = z.infer<typeof estimateBasis>

/**
 * What one task will probably use: `low`, `likely` and `high` are the 10th, 50th and 90th percentile. `profile` is where the
 * routing table sends it today.
 */
export const taskEstimate = z.object({
  key: taskKey,
  tier,
  profile: z.string().nullable(),
  paid: z.boolean(),
  input_tokens: whole,
  output_tokens: whole,
  low_micros: micros,
  likely_micros: micros,
  high_micros: micros,
  low_ms: whole,
  likely_ms: whole,
  high_ms: whole,
  basis: estimateBasis,
  /** Tasks of that class that were looked at. */
  samples: whole,
})
export type TaskEstimate = z.infer<typeof taskEstimate>

/** How estimates of the newest finished projects of this machine turned out, in one measure. */
export const estimateErrors = z.object({
  estimates: whole,
  /** How many ended between `low` and `high`; four of five should. */
  held: whole,
  /** The middle of (actual − likely) / likely; above zero, things took more than was thought likely. */
  median_error: z.number(),
})
export type EstimateErrors = z.infer<typeof estimateErrors>

/**
 * How sure an estimate is. `guess`: no like task and no finished project yet; `rough`: little of either; `fair`: past tasks
 * tell, but few past projects do; `good`: corrected by the errors of enough past estimates.
 */
export const sureness = z.enum(['guess', 'rough', 'fair', 'good'])
export type Sureness = z.infer<typeof sureness>

/** What a plan will probably use: `low`, `likely` and `high` are the 10th, 50th and 90th percentile (P4). */
export const planEstimate = z.object({
  low_micros: micros,
  likely_micros: micros,
  high_micros: micros,
  /**
   * What approval authorises: 49 of 50 such projects stay below it, and `call_micros` of it is room for the last call, which
   * the budget sets aside at its worst case. Beyond it Baton asks again.
   */
  upper_micros: micros,
  call_micros: micros,
  low_ms: whole,
  likely_ms: whole,
  high_ms: whole,
  low_tokens: whole,
  likely_tokens: whole,
  high_tokens: whole,
  /** The likely tokens by tier. */
  tokens_by_tier: z.record(tier, whole),
  /** Tasks of this machine with the type, complexity and tier of one of the plan's; 0 means assumptions. */
  samples: whole,
  sureness,
  /** Past projects whose errors corrected this estimate. */
  calibrated_by: whole,
  /** Null where no project that tells has ended yet. */
  past: z.object({
    cost: estimateErrors.nullable(),
    time: estimateErrors.nullable(),
    tokens: estimateErrors.nullable(),
  }),
  tasks: z.array(taskEstimate),
})
export type PlanEstimate = z.infer<typeof planEstimate>

/** What an approved plan came to, all of its tasks done. */
export const planActual = z.object({ cost_micros: micros, ms: whole, tokens: whole })
export type PlanActual = z.infer<typeof planActual>

/** Comments that one version of a plan can have. */
export const MAX_PLAN_COMMENTS = 1_000

/** What a person wrote about a task of one version of a plan (P5). */
export const planComment = z.object({
  id: planCommentId,
  /** Key of the task. */
  task: taskKey,
  /** The name of who wrote it. */
  author: text,
  text: text,
  created_at: timestamp,
})
export type PlanComment = z.infer<typeof planComment>

export const plan = z.object({
  id: planId,
  project_id: projectId,
  version: whole,
  state: planState,
  source: z.enum(['model', 'user', 'file']),
  document: planDocument,
  repairs: z.array(planRepair),
  estimate: planEstimate,
  /** Null until all tasks of this version have succeeded. */
  actual: planActual.nullable(),
  note: text,
  /** Oldest first. */
  comments: z.array(planComment),
  created_at: timestamp,
  decided_at: timestamp.nullable(),
})
export type Plan = z.infer<typeof plan>

/**
 * The plan of a project as its tasks are now: what a change of it begins with (P7). Tasks that have succeeded or were skipped
 * stay in the plan as they are; `tasks` says where each of them stands.
 */
export const currentPlan = z.object({
  plan_id: planId,
  document: planDocument,
  tasks: z.array(z.object({ key: taskKey, task_id: taskId, state: taskState })),
})
export type CurrentPlan = z.infer<typeof currentPlan>

/** States of tasks that a change of plan keeps as they are (P7). */
export const FINISHED_STATES: readonly z.infer<typeof taskState>[] = ['succeeded', 'skipped']
