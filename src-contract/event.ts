import { z } from 'zod'
import { backupId } from './backup.ts'
import { approvalId, jobId, projectId, runId, sourceId, stepId, taskId } from './ids.ts'
import { sourceState } from './knowledge-words.ts'
import { micros } from './money.ts'
import {
  checkpointKind,
  jobState,
  phase,
  phaseMark,
  planState,
  projectState,
  runState,
  stepKind,
  stepState,
  taskState,
  tier,
  waitingOn,
} from './states.ts'
import { timestamp } from './time.ts'

/** What each type of stored event carries. A new event type without a schema here does not compile. */
export const EVENT_DATA = {
  'project.created': z.object({ name: z.string() }),
  /** It came out of an archive that was made elsewhere. */
  'project.imported': z.object({ source_id: z.string(), baton_version: z.string(), exported_at: timestamp }),
  'project.changed': z.object({ fields: z.array(z.string()) }),
  'project.state': z.object({ state: projectState, reason: z.string() }),
  'plan.proposed': z.object({ plan_id: z.string(), version: z.number().int(), tasks: z.number().int() }),
  'plan.state': z.object({ plan_id: z.string(), state: planState }),
  'plan.repaired': z.object({ plan_id: z.string(), repairs: z.array(z.string()) }),
  /** A person commented on a task of a version, or took that back (P5). */
  'plan.commented': z.object({ plan_id: z.string(), task: z.string(), change: z.enum(['added', 'removed']) }),
  'task.created': z.object({ key: z.string(), title: z.string() }),
  'task.changed': z.object({ fields: z.array(z.string()) }),
  'task.state': z.object({ state: taskState, waiting_on: waitingOn.nullable(), reason: z.string() }),
  /** A tier failed the task, so it goes on at another (G4). */
  'task.escalated': z.object({ from: tier, to: tier, reason: z.string() }),
  'checkpoint.created': z.object({
    checkpoint_id: z.string(),
    kind: checkpointKind,
    title: z.string(),
    files: z.number().int(),
  }),
  /** A dead core was putting files back; that was taken back, and can be asked for again. */
  'checkpoint.broken_off': z.object({ files: z.number().int() }),
  /** A tool call waits for a person, or got its answer (T5). */
  'approval.state': z.object({
    approval_id: approvalId,
    tool: z.string(),
    state: z.enum(['open', 'allowed', 'denied']),
  }),
  'run.state': z.object({ state: runState, reason: z.string(), profile: z.string().nullable() }),
  'run.phase': z.object({
    timestamp_us: z.number().int(),
    sequence: z.number().int(),
    node: phase,
    phase: phaseMark,
    summary: z.string(),
    payload: z.record(z.string(), z.unknown()),
  }),
  'step.state': z.object({
    step_id: stepId,
    kind: stepKind,
    name: z.string(),
    state: stepState,
    summary: z.string(),
    cost_micros: micros,
  }),
  'budget.changed': z.object({ scope: z.string(), limit_micros: micros.nullable() }),
  'budget.warning': z.object({ scope: z.string(), used_micros: micros, limit_micros: micros }),
  'budget.stopped': z.object({ scope: z.string(), used_micros: micros, limit_micros: micros, wanted_micros: micros }),
  'budget.unconfirmed': z.object({ reservation_id: z.string(), amount_micros: micros }),
  /** A person said what an unconfirmed call really cost. */
  'budget.corrected': z.object({
    reservation_id: z.string(),
    booked_micros: micros,
    cost_micros: micros,
  }),
  'service.state': z.object({ name: z.string(), state: z.string(), detail: z.string() }),
  /** A server that Baton starts by a command of the user (H4). */
  'service.process': z.object({ name: z.string(), state: z.enum(['started', 'ended', 'failed']), detail: z.string() }),
  /** Nobody asks a provider until a moment: it limits how fast it may be asked, or it failed again and again. */
  'provider.held': z.object({ provider: z.string(), until: timestamp, reason: z.string() }),
  /** A job came into the queue, or back into it; `reason` says why it is back. */
  'job.queued': z.object({ job_id: jobId, core_id: z.string(), attempt: z.number().int(), reason: z.string() }),
  /** Somebody has begun to carry a job out. */
  'job.started': z.object({ job_id: jobId, core_id: z.string(), attempt: z.number().int(), worker: z.string() }),
  /** Who carries a job out said how it goes. */
  'job.progress': z.object({ job_id: jobId, core_id: z.string(), message: z.string() }),
  'job.ended': z.object({ job_id: jobId, core_id: z.string(), state: jobState, reason: z.string() }),
  'lock.granted': z.object({ resource: z.string(), owner: z.string(), token: z.number().int() }),
  'lock.ended': z.object({ resource: z.string(), owner: z.string(), why: z.enum(['released', 'expired', 'dead']) }),
  'lock.slow': z.object({ resource: z.string(), owner: z.string(), waited_ms: z.number().int(), holder: z.string() }),
  /** A program that a dead core had left running was ended, with all that it had started (E5). */
  'process.ended': z.object({ what: z.string(), pid: z.number().int(), processes: z.number().int() }),
  'backup.created': z.object({ backup_id: backupId, bytes: z.number().int(), findings: z.number().int() }),
  'backup.failed': z.object({ reason: z.string() }),
  /** The first event of a history that was restored. */
  'backup.restored': z.object({ backup_id: backupId }),
  /** A source of knowledge came, went, or was read (K1). */
  'knowledge.source': z.object({
    source_id: sourceId,
    name: z.string(),
    state: z.enum([...sourceState.options, 'removed']),
    reason: z.string(),
  }),
  /** Other vectors are searched from now on (K2). */
  'knowledge.model': z.object({ model: z.string().nullable(), detail: z.string() }),
  /** A webhook or a secret of webhooks came, went or was changed (A5); `detail` never holds a secret. */
  'webhook.changed': z.object({
    id: z.string(),
    change: z.enum(['created', 'changed', 'rotated', 'removed', 'stopped', 'secret_added', 'secret_removed']),
    detail: z.string(),
  }),
  'settings.changed': z.object({ keys: z.array(z.string()) }),
  'executor.paused': z.object({ paused: z.boolean() }),
} as const

export type EventType = keyof typeof EVENT_DATA
export const EVENT_TYPES = Object.keys(EVENT_DATA) as readonly EventType[]
export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>

/** One append-only record. `id` is `<epoch>-<seq>`; the epoch changes on restore. */
export type StoredEvent = {
  [T in EventType]: {
    v: 1
    id: string
    seq: number
    ts: string
    type: T
    project_id: string | null
    task_id: string | null
    run_id: string | null
    data: EventData<T>
  }
}[EventType]

const envelope = {
  v: z.literal(1),
  id: z.string(),
  seq: z.number().int().nonnegative(),
  ts: timestamp,
  project_id: projectId.nullable(),
  task_id: taskId.nullable(),
  run_id: runId.nullable(),
}

/** Parses a stored event from the wire or the disk. */
export const storedEvent = z
  .object({ ...envelope, type: z.enum(Object.keys(EVENT_DATA) as [EventType, ...EventType[]]), data: z.unknown() })
  .transform((event, context): StoredEvent => {
    const parsed = EVENT_DATA[event.type].safeParse(event.data)
    if (!parsed.success) {
      context.addIssue({ code: 'custom', message: `data of ${event.type}: ${parsed.error.message}` })
      return z.NEVER
    }
    return { ...event, data: parsed.data } as StoredEvent
  })

export const eventsQuery = {
  /** Only events after this id (exclusive); absent: from now on for streams, from the start for lists. */
  after: z.string().max(64).optional(),
  project_id: projectId.optional(),
  type: z.string().max(64).optional(),
}
