import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import type { Job, JobEvent } from '#contract/job.ts'
import { OWN_CORE } from '#contract/job-words.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type JobRow, job as jobTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { MAX_ATTEMPTS } from './job-changes.ts'
import { createJobEstimate, type JobEstimate } from './job-estimate.ts'
import type { JobHolds } from './job-holds.ts'

/** Characters of a prompt and a result in a list. */
const LISTED = 300

/** Jobs as they are shown. */
export interface JobView extends Pick<Core['jobs'], 'list' | 'get' | 'events' | 'counts'> {
  row(id: string): Result<JobRow, Refusal>
  ofRow(row: JobRow): Job
  /** When a queued job will probably begin, in ms since 1970; null where nothing tells. */
  readonly estimate: JobEstimate
}

/** The run and the project of a job of this core, and why that does not move. */
export type RunOfJob = (runId: number) => { readonly project_id: string; readonly reason: string } | null

export function createJobView(store: Store, events: EventLog, runOf: RunOfJob, holds: JobHolds): JobView {
  const { orm, sqlite } = store
  const estimate = createJobEstimate(store)
  const counts = sqlite.prepare<[], { queued: number; running: number }>(
    `SELECT (SELECT count(*) FROM job WHERE state = 'queued') AS queued, (SELECT count(*) FROM job WHERE state = 'running') AS running`,
  )

  // Read with every dispatch: to build its SQL each time costs more than to answer it.
  const jobById = orm
    .select()
    .from(jobTable)
    .where(eq(jobTable.id, sql.placeholder('id')))
    .prepare()

  function row(id: string): Result<JobRow, Refusal> {
    const found = jobById.get({ id: decodeId('job', id) ?? -1 })
    return found === undefined ? refuse('not_found', `There is no job ${id}.`) : ok(found)
  }

  function ofRow(row: JobRow, isListed = false): Job {
    const run = row.run_id === null ? null : runOf(row.run_id)
    const held = holds.of(row.owner) ?? holds.ofAll()
    return {
      task_id: encodeId('job', row.id),
      status: row.state,
      reason: row.state === 'queued' ? whyQueued(row, run?.reason ?? '', held) : row.reason,
      core_id: row.core_id,
      priority: row.priority,
      created_at: toTimestamp(row.created_at),
      estimated_start: toTimestampOrNull(
        row.state !== 'queued' ? row.started_at : isListed || held !== null ? null : estimate(row),
      ),
      stay: row.stay,
      timeout: row.timeout_s,
      metadata: row.metadata,
      prompt: row.prompt,
      message: row.state === 'running' && run !== null && run.reason !== '' ? run.reason : row.message,
      result: row.result ?? null,
      attempts: row.attempts,
      max_attempts: MAX_ATTEMPTS,
      session_id: row.session === null ? null : encodeId('job_session', row.session),
      worker: row.worker,
      lease_expires_at: toTimestampOrNull(row.lease_expires_at),
      run_id: row.run_id === null ? null : encodeId('run', row.run_id),
      project_id: run?.project_id ?? null,
      started_at: toTimestampOrNull(row.started_at),
      ended_at: toTimestampOrNull(row.ended_at),
    }
  }

  return {
    row,
    ofRow,
    estimate,
    counts: () => counts.get() ?? { queued: 0, running: 0 },
    get(id) {
      const found = row(id)
      return found.ok ? ok(ofRow(found.value)) : found
    },
    list({ limit, cursor, status, core_id }, owner = null) {
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : (decodeId('job', cursor) ?? 0)
      const rows = orm
        .select()
        .from(jobTable)
        .where(
          and(
            lt(jobTable.id, before),
            status === undefined ? undefined : eq(jobTable.state, status),
            core_id === undefined ? undefined : eq(jobTable.core_id, core_id),
            owner === null ? undefined : eq(jobTable.owner, owner),
          ),
        )
        .orderBy(desc(jobTable.id))
        .limit(limit + 1)
        .all()
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        items: page.map((row) => shortened(ofRow(row, true))),
        next_cursor: rows.length > limit && last !== undefined ? encodeId('job', last.id) : null,
      }
    },
    events(id, { limit, cursor }) {
      const found = row(id)
      if (!found.ok) return found
      const after = cursor === undefined ? 0 : (events.seqOf(cursor) ?? 0)
      const told = events.ofJob(id, after, limit + 1)
      const page = told.slice(0, limit)
      const next_cursor = told.length > limit ? (page.at(-1)?.id ?? null) : null
      const items = page.map(({ id: event_id, type, ts, data }): JobEvent => {
        const { job_id: task_id, ...rest } = data
        return { event_id, task_id, event_type: type, timestamp: ts, data: rest }
      })
      return ok({ items, next_cursor })
    },
  }
}

/** The whole of a long prompt or result, and how long it will wait, are for who asks for that job. */
function shortened(job: Job): Job {
  const { prompt, result } = job
  const told = typeof result === 'string' ? result.slice(0, LISTED) : result
  const isLong = typeof told !== 'string' && JSON.stringify(told).length > LISTED
  return {
    ...job,
    prompt: prompt?.slice(0, LISTED) ?? null,
    result: isLong ? null : told,
  }
}

function whyQueued(row: JobRow, runReason: string, held: string | null): string {
  if (held !== null) return held
  if (row.reason !== '') return row.reason
  if (row.core_id !== OWN_CORE) return `Waits for a worker of "${row.core_id}".`
  if (row.run_id === null && row.session !== null && row.session !== row.id) {
    return 'Waits for the jobs before it in its session.'
  }
  return runReason === '' ? 'Waits for its turn.' : runReason
}
