import type { EventType, StoredEvent } from '#contract/event.ts'
import type { TASK_EVENTS } from '#contract/incoming-webhook.ts'
import type { WEBHOOK_EVENTS } from '#contract/webhook.ts'

type TaskEvent = (typeof TASK_EVENTS)[number]
/** How an event is called in webhooks. */
export type WebhookEventName = (typeof WEBHOOK_EVENTS)[number]

/** What is told of an event: its name, and the body (A5). */
export interface Told {
  readonly event: WebhookEventName
  readonly body: object
}

const ENDS: Readonly<Record<string, TaskEvent>> = {
  succeeded: 'task.completed',
  skipped: 'task.completed',
  failed: 'task.failed',
  cancelled: 'task.failed',
}
const JOB_STATUS = { 'job.queued': 'queued', 'job.started': 'running', 'job.progress': 'running' } as const

/**
 * An event as webhooks tell it. What is about a task or a job has the shape in which Baton takes webhooks itself: `{id,
 * event, task_id, core_id, status, timestamp, data}`; anything else names its project, task and run instead.
 */
export function toldOf(event: StoredEvent): Told {
  const { id, seq, ts, project_id, task_id, run_id } = event
  const task = (of: { task_id: string | null; core_id: string | null; status: string; data: object }): Told => {
    const name = ENDS[of.status] ?? 'task.progress'
    return { event: name, body: { id, event: name, ...of, timestamp: ts, data: { sequence: seq, ...of.data } } }
  }
  switch (event.type) {
    case 'task.state': {
      const { state, ...rest } = event.data
      return task({ task_id, core_id: null, status: state, data: { project_id, run_id, ...rest } })
    }
    case 'job.queued':
    case 'job.started':
    case 'job.progress': {
      const { job_id, core_id, ...rest } = event.data
      return task({ task_id: job_id, core_id, status: JOB_STATUS[event.type], data: rest })
    }
    case 'job.ended': {
      const { job_id, core_id, state, ...rest } = event.data
      return task({ task_id: job_id, core_id, status: state, data: rest })
    }
    default: {
      const name: Exclude<EventType, 'task.state' | `job.${string}`> = event.type
      const body = { id, event: name, sequence: seq, project_id, task_id, run_id, timestamp: ts, data: event.data }
      return { event: name, body }
    }
  }
}
