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

// One of each for all that have it: a start makes what stands here.
const text = z.string()
const whole = z.number().int()

/** What each type of stored event carries. A new event type without a schema here does not compile. */
export const EVENT_DATA = {
  'project.created': z.object({ name: text }),
  /** It came out of an archive that was made elsewhere. */
  'project.imported': z.object({ source_id: text, baton_version: text, exported_at: timestamp }),
  'project.changed': z.object({ fields: z.array(text) }),
  'project.state': z.object({ state: projectState, reason: text }),
  'plan.proposed': z.object({ plan_id: text, version: whole, tasks: whole }),
  'plan.state': z.object({ plan_id: text, state: planState }),
  'plan.repaired': z.object({ plan_id: text, repairs: z.array(text) }),
  /** A person commented on a task of a version, or took that back (P5). */
  'plan.commented': z.object({ plan_id: text, task: text, change: z.enum(['added', 'removed']) }),
  'task.created': z.object({ key: text, title: text }),
  'task.changed': z.object({ fields: z.array(text) }),
  'task.state': z.object({ state: taskState, waiting_on: waitingOn.nullable(), reason: text }),
  /** A tier failed the task, so it goes on at another (G4). */
  'task.escalated': z.object({ from: tier, to: tier, reason: text }),
  'checkpoint.created': z.object({
    checkpoint_id: text,
    kind: checkpointKind,
    title: text,
    files: whole,
  }),
  /** A dead core was putting files back; that was taken back, and can be asked for again. */
  'checkpoint.broken_off': z.object({ files: whole }),
  /** A tool call waits for a person, or got its answer (T5). */
  'approval.state': z.object({
    approval_id: approvalId,
    tool: text,
    state: z.enum(['open', 'allowed', 'denied']),
  }),
  'run.state': z.object({ state: runState, reason: text, profile: z.string().nullable() }),
  'run.phase': z.object({
    timestamp_us: whole,
    sequence: whole,
    node: phase,
    phase: phaseMark,
    summary: text,
    payload: z.record(text, z.unknown()),
  }),
  'step.state': z.object({
    step_id: stepId,
    kind: stepKind,
    name: text,
    state: stepState,
    summary: text,
    cost_micros: micros,
  }),
  'budget.changed': z.object({ scope: text, limit_micros: micros.nullable() }),
  'budget.warning': z.object({ scope: text, used_micros: micros, limit_micros: micros }),
  'budget.stopped': z.object({ scope: text, used_micros: micros, limit_micros: micros, wanted_micros: micros }),
  'budget.unconfirmed': z.object({ reservation_id: text, amount_micros: micros }),
  /** A person said what an unconfirmed call really cost. */
  'budget.corrected': z.object({
    reservation_id: text,
    booked_micros: micros,
    cost_micros: micros,
  }),
  'service.state': z.object({ name: text, state: text, detail: text }),
  /** A server that Baton starts by a command of the user (H4). */
  'service.process': z.object({ name: text, state: z.enum(['started', 'ended', 'failed']), detail: text }),
  /** Nobody asks a provider until a moment: it limits how fast it may be asked, or it failed again and again. */
  'provider.held': z.object({ provider: text, until: timestamp, reason: text }),
  /** A job came into the queue, or back into it; `reason` says why it is back. */
  'job.queued': z.object({ job_id: jobId, core_id: text, attempt: whole, reason: text }),
  /** Somebody has begun to carry a job out. */
  'job.started': z.object({ job_id: jobId, core_id: text, attempt: whole, worker: text }),
  /** Who carries a job out said how it goes. */
  'job.progress': z.object({ job_id: jobId, core_id: text, message: text }),
  'job.ended': z.object({ job_id: jobId, core_id: text, state: jobState, reason: text }),
  'lock.granted': z.object({ resource: text, owner: text, token: whole }),
  'lock.ended': z.object({ resource: text, owner: text, why: z.enum(['released', 'expired', 'dead']) }),
  'lock.slow': z.object({ resource: text, owner: text, waited_ms: whole, holder: text }),
  /** A program that a dead core had left running was ended, with all that it had started (E5). */
  'process.ended': z.object({ what: text, pid: whole, processes: whole }),
  'backup.created': z.object({ backup_id: backupId, bytes: whole, findings: whole }),
  'backup.failed': z.object({ reason: text }),
  /** The first event of a history that was restored. */
  'backup.restored': z.object({ backup_id: backupId }),
  /** A source of knowledge came, went, or was read (K1). */
  'knowledge.source': z.object({
    source_id: sourceId,
    name: text,
    state: z.enum([...sourceState.options, 'removed']),
    reason: text,
  }),
  /** Other vectors are searched from now on (K2). */
  'knowledge.model': z.object({ model: z.string().nullable(), detail: text }),
  /** A webhook or a secret of webhooks came, went or was changed (A5); `detail` never holds a secret. */
  'webhook.changed': z.object({
    id: text,
    change: z.enum(['created', 'changed', 'rotated', 'removed', 'stopped', 'secret_added', 'secret_removed']),
    detail: text,
  }),
  'settings.changed': z.object({ keys: z.array(text) }),
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
  id: text,
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
