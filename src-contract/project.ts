import { z } from 'zod'
import { toolPolicy } from './approval.ts'
import { hostPatterns } from './host.ts'
import { attachmentId, planId, projectId } from './ids.ts'
import { micros } from './money.ts'
import { projectResult } from './project-result.ts'
import { MAX_ATTACHMENT_BYTES, requirements } from './requirements.ts'
import { projectState, taskState, waitingOn } from './states.ts'
import { timestamp } from './time.ts'

export const projectBudget = z.strictObject({
  limit_micros: micros.nullable(),
})

const attachmentName = z.string().min(1).max(255)

/** A file given along with the requirements: a text, or a file of any other kind (PDF, image …) in base64. */
export const newAttachment = z.union([
  z.strictObject({ name: attachmentName, text: z.string().max(MAX_ATTACHMENT_BYTES) }),
  z.strictObject({ name: attachmentName, base64: z.base64().max(Math.ceil(MAX_ATTACHMENT_BYTES / 3) * 4) }),
])

export type NewAttachment = z.output<typeof newAttachment>

export const newProject = z.strictObject({
  requirements,
  name: z.string().trim().min(1).max(200).optional(),
  attachments: z.array(newAttachment).max(50).default([]),
  /** Absolute path of an existing folder to work in; absent: Baton creates one. */
  workspace: z.string().min(1).max(4_096).optional(),
  budget_micros: micros.optional(),
  local_only: z.boolean().default(false),
  /** The calls of its tasks may wait up to a day for a batch, which costs less (R5). */
  can_wait: z.boolean().default(false),
  /** Name of the one model profile to use for everything. */
  profile: z.string().min(1).max(100).optional(),
  priority: z.number().int().min(0).max(9).default(1),
  /** Hosts that its work may reach without a question (T6). */
  allowed_hosts: hostPatterns.optional(),
  /** What its tools may do without a question, where it differs from the settings (T5). */
  tool_policy: toolPolicy.optional(),
})
export type NewProject = z.input<typeof newProject>

export const changeProject = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  budget_micros: micros.nullable().optional(),
  local_only: z.boolean().optional(),
  /** False also takes back what waits for a batch: it is done at once. */
  can_wait: z.boolean().optional(),
  profile: z.string().min(1).max(100).nullable().optional(),
  priority: z.number().int().min(0).max(9).optional(),
  allowed_hosts: hostPatterns.optional(),
  tool_policy: toolPolicy.optional(),
})

export const attachment = z.object({
  id: attachmentId,
  name: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
})

/** A file that a task left behind. */
export const artifact = z.object({
  path: z.string(),
  bytes: z.number().int(),
  task_id: z.string().nullable(),
  task_title: z.string().nullable(),
  modified_at: timestamp,
})
export type Artifact = z.infer<typeof artifact>

/** An image of the workspace, known as one by its first bytes. */
export const imageContent = z.object({
  path: z.string(),
  media_type: z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
  bytes: z.number().int(),
  base64: z.string(),
})
export type ImageContent = z.infer<typeof imageContent>

/**
 * A change of its plan that is under way while its tasks go on (P7): the planner works on it (`planning`), cannot go on now
 * (`waiting`), made none (`failed`), or a version waits for approval (`proposed`).
 */
export const replan = z.object({
  state: z.enum(['planning', 'waiting', 'failed', 'proposed']),
  plan_id: planId.nullable(),
  reason: z.string(),
})
export type Replan = z.infer<typeof replan>

export const project = z.object({
  id: projectId,
  /** `prompt`: it is the one task as which a free prompt is carried out (G6). */
  kind: z.enum(['plan', 'prompt']),
  name: z.string(),
  requirements: z.string(),
  state: projectState,
  /** Why it is not moving, or how it ended; empty where there is nothing to say. */
  reason: z.string(),
  /** What its waiting tasks, or its first plan, cannot go on without, the most urgent first; null where none waits. */
  waiting_on: waitingOn.nullable(),
  workspace: z.string(),
  attachments: z.array(attachment),
  budget_micros: micros.nullable(),
  /** Where its spending stops now: its budget or the default one, or less where the approved plan allows less. */
  limit_micros: micros.nullable(),
  local_only: z.boolean(),
  can_wait: z.boolean(),
  profile: z.string().nullable(),
  priority: z.number().int(),
  allowed_hosts: z.array(z.string()),
  tool_policy: toolPolicy,
  /** The version that is proposed or was approved; a change of an approved one is in `replan` until it is approved. */
  plan_id: planId.nullable(),
  replan: replan.nullable(),
  /** What was spent here; `imported_micros` was spent elsewhere before it was imported and counts against no limit here. */
  spent_micros: micros,
  imported_micros: micros,
  reserved_micros: micros,
  /** Its id where it was exported; null where it was made here. */
  source_id: z.string().nullable(),
  task_counts: z.record(taskState, z.number().int()),
  result: projectResult.nullable(),
  created_at: timestamp,
  updated_at: timestamp,
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
})
export type Project = z.infer<typeof project>
