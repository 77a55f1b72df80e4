import { z } from 'zod'
import { approvalId, projectId, runId, taskId } from './ids.ts'
import { timestamp } from './time.ts'

/** For how much else an answer holds: this call alone, or the same call in the task or the project. */
export const approvalScope = z.enum(['once', 'task', 'project'])
export type ApprovalScope = z.infer<typeof approvalScope>

/** A tool call that waits for a person, or waited (T5). */
export const approval = z.object({
  id: approvalId,
  project_id: projectId,
  task_id: taskId.nullable(),
  run_id: runId,
  /** `call`: a call that is not made yet; `repeat`: one that Baton's end broke off, to be made again or not (E5). */
  kind: z.enum(['call', 'repeat']),
  tool: z.string(),
  risk: z.enum(['read', 'write', 'execute', 'network', 'spend']),
  /** Exactly what the tool is given, and so what would happen. */
  arguments: z.record(z.string(), z.unknown()),
  /** Why it is asked. */
  reason: z.string(),
  state: z.enum(['open', 'allowed', 'denied']),
  remembered: approvalScope.nullable(),
  /** What the person said with the answer; the model gets it. */
  note: z.string(),
  created_at: timestamp,
  decided_at: timestamp.nullable(),
})
export type Approval = z.infer<typeof approval>

export const approvalsQuery = z.strictObject({ state: z.enum(['open', 'all']).default('open') })

export const decideApproval = z.strictObject({
  id: approvalId,
  decision: z.enum(['allow', 'deny']),
  remember: approvalScope.default('once'),
  note: z.string().max(2_000).default(''),
})
export type DecideApproval = z.infer<typeof decideApproval>
