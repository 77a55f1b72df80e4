import type { Attempt } from '#contract/attempt.ts'
import { encodeId } from '#contract/ids.ts'
import type { RunState } from '#contract/states.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Page, PageRequest } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Store } from '../store/store.ts'
import { pairPhases } from './phase-pairs.ts'
import { endOfWait } from './run-timeline.ts'
import { microTimestamp } from './run-view.ts'

/** The runs of a project's tasks as stretches of time, in the order in which they were made. */
export interface Attempts {
  ofProject(projectId: number, page: PageRequest): Page<Attempt>
}

interface Row {
  id: number
  task_id: number
  attempt: number
  state: RunState
  profile: string | null
  started_at: number
  ended_at: number | null
  cost_micros: number
}

export function createAttempts({ sqlite }: Store, events: EventLog, isPaid: (profile: string) => boolean): Attempts {
  const runs = sqlite.prepare<[number, number, number], Row>(
    `SELECT r.id, r.task_id, r.attempt, r.state, r.profile, r.started_at, r.ended_at,
       (SELECT coalesce(sum(cost_micros), 0) FROM (
          SELECT cost_micros FROM usage_log u WHERE u.project_id = r.project_id AND u.task_id = r.task_id AND u.run_id = r.id
          UNION ALL SELECT cost_micros FROM imported_usage i WHERE i.run_id = r.id)) AS cost_micros
     FROM run r WHERE r.task_id IN (SELECT id FROM task WHERE project_id = ?) AND r.started_at IS NOT NULL AND r.id > ?
     ORDER BY r.id LIMIT ?`,
  )
  const stepStarts = sqlite.prepare<[number], number>('SELECT started_at FROM step WHERE run_id = ?').pluck()

  function view(row: Row): Attempt {
    const marks = events.ofRun(row.id).map(({ data }) => ({ ...data, at: microTimestamp(data.timestamp_us) }))
    const ended = toTimestampOrNull(row.ended_at)
    const waits = events.waitsOfRun(row.id)
    const begun = waits.length === 0 ? [] : stepStarts.all(row.id).map(toTimestamp)
    return {
      run_id: encodeId('run', row.id),
      task_id: encodeId('task', row.task_id),
      attempt: row.attempt,
      state: row.state,
      profile: row.profile,
      paid: row.profile !== null && isPaid(row.profile),
      cost_micros: row.cost_micros,
      from: toTimestamp(row.started_at),
      to: ended,
      // A run that was cut off leaves the phase open in which it was.
      phases: pairPhases(marks).map(({ start, end }) => ({ name: start.node, from: start.at, to: end?.at ?? ended })),
      waits: waits.map(({ ts, data }, index) => ({
        from: ts,
        to: endOfWait(ts, [...begun, ...marks.map(({ at }) => at), waits[index + 1]?.ts, ended]),
        reason: data.reason,
      })),
    }
  }

  return {
    ofProject(projectId, { limit, cursor }) {
      const after = Number(cursor ?? 0)
      const rows = runs.all(projectId, Number.isInteger(after) ? after : 0, limit + 1)
      const last = rows[limit - 1]
      return {
        items: rows.slice(0, limit).map(view),
        next_cursor: rows.length > limit && last !== undefined ? String(last.id) : null,
      }
    },
  }
}
