import { z } from 'zod'
import { approvalId, projectId, runId, taskId } from './ids.ts'
import { timestamp } from './time.ts'

/** For how much else an answer holds: this call alone, or the same call in the task or the project. */
export const approvalScope = z.enum(['once', 'task', 'project'])
export type ApprovalScope = z.infer<typeof approvalScope>

/** Longest answer to a question, and longest word with a decision. */
export const MAX_ANSWER = 10_000

/** What becomes of a tool call that nobody has decided on yet. */
export const policy = z.enum(['allow', 'ask', 'deny'])
export type Policy = z.infer<typeof policy>

/** By the risk of a tool; a risk that is absent goes by the settings. Reading inside the workspace is always allowed. */
export const toolPolicy = z.partialRecord(z.enum(['write', 'execute', 'network', 'spend']), policy)
export type ToolPolicy = z.infer<typeof toolPolicy>

/** A tool call that waits for a person, or waited (T5). */
export const approval = z.object({
  id: approvalId,
  project_id: projectId,
  task_id: taskId.nullable(),
  run_id: runId,
  /**
   * `call`: a call that is not made yet; `repeat`: one that Baton's end broke off, to be made again or not (E5); `question`:
   * the model asks the user something, and `note` becomes the answer (T2).
   */
  kind: z.enum(['call', 'repeat', 'question']),
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

/** A question is answered by `allow` with the answer as `note`; denied, the model is told to decide by itself. */
export const decideApproval = z.strictObject({
  id: approvalId,
  decision: z.enum(['allow', 'deny']),
  remember: approvalScope.default('once'),
  note: z.string().max(MAX_ANSWER).default(''),
})
export type DecideApproval = z.infer<typeof decideApproval>

const question = z.object({
  question: z.string().catch(''),
  options: z.array(z.string()).catch([]),
})

/** What a question asks, out of its arguments; all of it is text of a model. */
export function questionOf(given: Approval['arguments']): z.infer<typeof question> {
  return question.parse(given)
}
