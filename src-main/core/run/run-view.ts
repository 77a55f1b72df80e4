import { asc, eq } from 'drizzle-orm'
import type { Approval } from '#contract/approval.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Run, RunEvent, RunStreamItem, Step } from '#contract/run.ts'
import type { RunContext } from '#contract/run-context.ts'
import type { RunMoment } from '#contract/run-timeline.ts'
import type { RunState } from '#contract/states.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { RunPlace } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type RunRow, runContextTable, run as runTable, type StepRow, step as stepTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Journal } from './journal.ts'
import { streamRun } from './run-stream.ts'
import { timelineOf } from './run-timeline.ts'

/** Runs as everybody sees them: what happened, step by step, and what it cost. */
export interface RunView {
  get(id: string): Result<Run, Refusal>
  ofTask(taskId: number): Run[]
  /** Its events, or those behind a place in them. */
  events(id: string, place?: RunPlace): Result<RunEvent[], Refusal>
  /** The same, and then those that come until it has ended (G6). A signal that aborts ends it early. */
  stream(
    id: string,
    place: RunPlace,
    signal: AbortSignal,
    heartbeatMs?: number,
  ): Result<AsyncIterable<RunStreamItem>, Refusal>
  steps(id: string): Result<Step[], Refusal>
  context(id: string): Result<RunContext, Refusal>
  /** All that happened in it, with when, why and what it took. */
  timeline(id: string): Result<RunMoment[], Refusal>
}

const HEARTBEAT_MS = 15_000

interface Spent {
  input_tokens: number
  output_tokens: number
  cost_micros: number
}

export function createRunView(
  store: Store,
  events: EventLog,
  journal: Journal,
  isPaid: (profile: string) => boolean,
  approvalsOf: (runId: number) => Approval[],
): RunView {
  const { orm, sqlite } = store
  const SUMS = `coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens), 0) AS input_tokens,
     coalesce(sum(output_tokens), 0) AS output_tokens, coalesce(sum(cost_micros), 0) AS cost_micros`
  type Subject = Pick<RunRow, 'id' | 'project_id' | 'task_id'>
  // By the index of projects and tasks; there is none of runs.
  const ofRun = 'project_id = @project_id AND task_id IS @task_id AND run_id = @id'
  const spentOfRun = sqlite.prepare<Subject, Spent>(`SELECT ${SUMS} FROM usage_all WHERE ${ofRun}`)
  const spentBySteps = sqlite.prepare<Subject, Spent & { step_id: number }>(
    `SELECT step_id, ${SUMS} FROM usage_all WHERE ${ofRun} GROUP BY step_id`,
  )

  const stateOf = sqlite.prepare<[number], RunState>('SELECT state FROM run WHERE id = ?').pluck()

  function row(id: string): Result<RunRow, Refusal> {
    const key = decodeId('run', id)
    const found = key === null ? undefined : orm.select().from(runTable).where(eq(runTable.id, key)).get()
    return found === undefined ? refuse('not_found', `There is no run ${id}.`) : ok(found)
  }

  /** Events of a run behind a number in the log, each with its own. */
  function eventsAfter({ id }: Pick<RunRow, 'id'>, seen: number): { seq: number; event: RunEvent }[] {
    return events.ofRun(id, seen).map(({ seq, id: eventId, data: { timestamp_us, ...data } }) => ({
      seq,
      event: { id: eventId, run_id: encodeId('run', id), timestamp: microTimestamp(timestamp_us), ...data },
    }))
  }

  /** The number in the log behind which a reader at this place goes on; 0 for the start, also for an id of another history. */
  function lastSeen({ id }: RunRow, { after, last_ts }: RunPlace): number {
    if (after !== undefined && after !== '') return events.seqOf(after) ?? 0
    if (last_ts === undefined) return 0
    const us = microseconds(last_ts)
    return events.ofRun(id).findLast(({ data }) => data.timestamp_us <= us)?.seq ?? 0
  }

  function stepsOf({ id, project_id, task_id }: RunRow): Step[] {
    const spent = new Map(spentBySteps.all({ id, project_id, task_id }).map((entry) => [entry.step_id, entry]))
    const rows = orm.select().from(stepTable).where(eq(stepTable.run_id, id)).orderBy(asc(stepTable.id)).all()
    return rows.map((step, ordinal) => stepView(step, ordinal, spent.get(step.id)))
  }

  function view(run: RunRow): Run {
    const { id, project_id, task_id } = run
    const spent = spentOfRun.get({ id, project_id, task_id }) ?? { input_tokens: 0, output_tokens: 0, cost_micros: 0 }
    return {
      id: encodeId('run', run.id),
      kind: run.kind,
      project_id: encodeId('project', run.project_id),
      task_id: run.task_id === null ? null : encodeId('task', run.task_id),
      attempt: run.attempt,
      state: run.state,
      reason: run.reason,
      phase: run.phase,
      tier: run.tier,
      profile: run.profile,
      route_reason: run.route_reason,
      paid: run.profile !== null && isPaid(run.profile),
      ...spent,
      repairs: run.repairs,
      violations: run.violations,
      correlation_id: run.correlation_id,
      created_at: toTimestamp(run.created_at),
      started_at: toTimestampOrNull(run.started_at),
      ended_at: toTimestampOrNull(run.ended_at),
    }
  }

  function stepView(step: StepRow, ordinal: number, spent: Spent | undefined): Step {
    return {
      id: encodeId('step', step.id),
      run_id: encodeId('run', step.run_id),
      ordinal,
      phase: step.phase,
      kind: step.kind,
      name: step.name,
      state: step.state,
      input: journal.value(step.input),
      output: journal.value(step.output),
      error: step.error,
      files_changed: step.files_changed,
      input_tokens: spent?.input_tokens ?? 0,
      output_tokens: spent?.output_tokens ?? 0,
      cost_micros: spent?.cost_micros ?? 0,
      started_at: toTimestamp(step.started_at),
      ended_at: toTimestampOrNull(step.ended_at),
      reused: step.reused,
    }
  }

  return {
    get(id) {
      const found = row(id)
      return found.ok ? ok(view(found.value)) : found
    },
    ofTask: (taskId) =>
      orm.select().from(runTable).where(eq(runTable.task_id, taskId)).orderBy(asc(runTable.id)).all().map(view),
    events(id, place = {}) {
      const found = row(id)
      if (!found.ok) return found
      return ok(eventsAfter(found.value, lastSeen(found.value, place)).map(({ event }) => event))
    },
    stream(id, place, signal, heartbeatMs = HEARTBEAT_MS) {
      const found = row(id)
      if (!found.ok) return found
      const run = found.value
      const source = {
        run_id: id,
        project_id: encodeId('project', run.project_id),
        state: () => stateOf.get(run.id),
        after: (seen: number) => eventsAfter(run, seen),
      }
      return ok(streamRun(events, source, lastSeen(run, place), heartbeatMs, signal))
    },
    steps(id) {
      const found = row(id)
      return found.ok ? ok(stepsOf(found.value)) : found
    },
    timeline(id) {
      const found = row(id)
      if (!found.ok) return found
      const run = found.value
      return ok(
        timelineOf({
          run: view(run),
          events: eventsAfter(run, 0).map(({ event }) => event),
          steps: stepsOf(run),
          waits: events.waitsOfRun(run.id).map(({ id, ts, data }) => ({ id, ts, reason: data.reason })),
          approvals: approvalsOf(run.id),
          isPaid,
        }),
      )
    },
    context(id) {
      const found = row(id)
      if (!found.ok) return found
      const stored = orm.select().from(runContextTable).where(eq(runContextTable.run_id, found.value.id)).get()
      return stored === undefined
        ? refuse('not_found', 'This run has not sent a context to a model yet.')
        : ok(stored.context)
    },
  }
}

/** RFC 3339 with microseconds. */
export function microTimestamp(us: number): string {
  const micros = String(us % 1_000).padStart(3, '0')
  return toTimestamp(Math.floor(us / 1_000)).replace('Z', `${micros}Z`)
}

/** The reverse; digits below a microsecond are cut. */
function microseconds(timestamp: string): number {
  const [, whole = timestamp, fraction = '', zone = 'Z'] =
    /^(.*?:\d\d)(?:\.(\d+))?(Z|[+-][\d:]+)$/i.exec(timestamp) ?? []
  return Date.parse(whole + zone) * 1_000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
}
