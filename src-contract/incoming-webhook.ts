import { z } from 'zod'
import { MAX_RESULT, plainJson } from './job-words.ts'

/** What a webhook says about a task (A5). Every change of its state is one of these; `status` tells which state. */
export const TASK_EVENTS = ['task.completed', 'task.failed', 'task.progress'] as const

/** The body of `POST /webhook` (A5). `id` names the event; `X-Event-Id` does the same where the body has none. */
export const incomingWebhook = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  event: z.enum(TASK_EVENTS),
  task_id: z.string().min(1).max(100),
  core_id: z.string().max(200).nullable(),
  status: z.string().min(1).max(50),
  timestamp: z.iso.datetime({ offset: true, local: true }),
  /**
   * `result` is what came of the job, or else all of it; `message` how it goes, or why it failed; `token` that of the
   * lease, where the sender has claimed the job.
   */
  data: plainJson(z.record(z.string(), z.unknown()), 'Data', MAX_RESULT).default({}),
})
export type IncomingWebhook = z.infer<typeof incomingWebhook>
