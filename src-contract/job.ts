import { z } from 'zod'
import { jobId, jobSessionId, projectId, runId } from './ids.ts'
import { MAX_METADATA, MAX_RESULT, NO_JOB_HEADER, plainJson } from './job-words.ts'
import { pageQuery } from './page.ts'
import { requirements } from './requirements.ts'
import { jobState } from './states.ts'
import { timestamp } from './time.ts'

/** Seconds for which a claim may wait for a job. */
export const MAX_WAIT_S = 60

export const coreId = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._:@/-]{0,99}$/u, 'a name of at most 100 letters, digits, blanks and . _ : @ / -')

/** The wire says `success` in some places; here it is one word. */
const reportedState = z
  .enum(['queued', 'running', 'success', ...jobState.exclude(['queued', 'running']).options])
  .transform((status) => (status === 'success' ? 'succeeded' : status))

/** What `POST /dispatch` takes. */
export const dispatchJob = z.strictObject({
  /** Who should take it: `baton`, or the name under which an outside worker claims. */
  coreId,
  /** The core's session is kept for the next job of whoever dispatches this one. */
  stay: z.boolean().default(false),
  priority: z.number().int().min(0).max(9).default(1),
  /** Seconds that it may run; it fails past them. */
  timeout: z.number().int().min(1).max(86_400).default(300),
  /** For `baton`: what `POST /runs` takes beside the prompt. For a worker: whatever it understands. */
  metadata: plainJson(z.record(z.string(), z.unknown()), 'Metadata', MAX_METADATA).default({}),
  /** Needed by `baton`. */
  prompt: requirements.optional(),
})
export type DispatchJob = z.output<typeof dispatchJob>

export const jobDispatched = z.object({
  task_id: jobId,
  status: z.literal('queued'),
  core_id: z.string(),
  priority: z.number().int(),
  created_at: timestamp,
  /**
   * When it will probably begin, by how long the last jobs of its core took and what is ahead of it. The moment of its
   * making where nothing is ahead; null where something is and no job of that core has succeeded yet, or more than
   * 1,000 jobs are, or while everything is paused or its owner is switched off.
   */
  estimated_start: timestamp.nullable(),
})
export type JobDispatched = z.infer<typeof jobDispatched>

/**
 * A job. It is named by `task_id`, as S1 names it. In lists, only the beginning of its prompt and of a text that is its result;
 * other long results, and when a queued one begins, are left out.
 */
export const job = z.object({
  ...jobDispatched.shape,
  status: jobState,
  /** Why it is as it is, in words. */
  reason: z.string(),
  stay: z.boolean(),
  /** Seconds. */
  timeout: z.number().int(),
  metadata: z.record(z.string(), z.unknown()),
  prompt: z.string().nullable(),
  /** The last that was said of its progress. */
  message: z.string(),
  /** What came of it; for `baton` the answer as a text. Null before, and where nothing was said. */
  result: z.unknown(),
  /** How often it was begun, and how often it may be. */
  attempts: z.number().int(),
  max_attempts: z.number().int(),
  /** Null until somebody has it. */
  session_id: jobSessionId.nullable(),
  worker: z.string().nullable(),
  lease_expires_at: timestamp.nullable(),
  /** Of a job of `baton`, once it was begun. */
  run_id: runId.nullable(),
  project_id: projectId.nullable(),
  /** Of the attempt that runs, or ran last. */
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
})
export type Job = z.infer<typeof job>

export const jobsQuery = z.strictObject({
  ...pageQuery,
  status: jobState.optional(),
  core_id: coreId.optional(),
})

/** A worker asks for work, and waits for it. */
export const claimJob = z.strictObject({
  coreId,
  /** Seconds to wait where there is none. */
  wait_s: z.number().min(0).max(MAX_WAIT_S).default(0),
  /** Tells workers of one core apart, for sessions; absent: who is logged in. */
  worker: z.string().min(1).max(100).optional(),
  /** Seconds for which the job is the worker's without a word of it. */
  lease_s: z.number().int().min(1).max(3_600).default(60),
})
export type ClaimJob = z.output<typeof claimJob>

export const claimedJob = z.object({
  job,
  lease: z.object({
    task_id: jobId,
    /** Goes along with every report. Grows with each claim, so that a worker which lost its lease is told apart. */
    token: z.number().int(),
    lease_s: z.number(),
    expires_at: timestamp,
  }),
  /** The same as with the worker's last job where that was to stay. */
  session_id: jobSessionId,
})
export type ClaimedJob = z.infer<typeof claimedJob>

/** With or without a job: 200, or 204 where there was none in time. */
export const claimAnswer = z.union([
  z.object({ status: z.literal(200), body: claimedJob }),
  z.object({ status: z.literal(204), headers: z.object({ [NO_JOB_HEADER]: z.string().optional() }).optional() }),
])

/** What a worker says of a job. `running` keeps its lease, `queued` gives the job back. */
export const reportJob = z.strictObject({
  id: jobId,
  status: reportedState,
  /** Of its lease. Absent: taken as long as only one worker ever had the job. */
  token: z.number().int().nonnegative().optional(),
  message: z.string().max(2_000).optional(),
  result: plainJson(z.unknown(), 'A result', MAX_RESULT).optional(),
})
export type ReportJob = z.output<typeof reportJob>

export const jobEvent = z.object({
  event_id: z.string(),
  task_id: jobId,
  event_type: z.enum(['job.queued', 'job.started', 'job.progress', 'job.ended']),
  timestamp,
  data: z.record(z.string(), z.unknown()),
})
export type JobEvent = z.infer<typeof jobEvent>
