import type { ProjectState } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import { predecessors } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { PROJECT_TRANSITIONS } from './project-states.ts'

/** Nobody works while everything is paused (E4); when that ends, the clocks begin anew. */
export const ALL_PAUSED = "EXISTS (SELECT 1 FROM setting WHERE key = 'paused' AND value = 'true')"

const FROM = predecessors(PROJECT_TRANSITIONS)

/** Moves a project along its transition table, with its event. False where the table does not allow it from here. */
export type MoveProject = (tx: Tx, id: number, state: ProjectState, reason: string) => boolean

export function createMoveProject(store: Store, events: EventLog): MoveProject {
  const move = store.sqlite.prepare(
    `UPDATE project SET state = @state, reason = @reason, updated_at = @now,
       correlation_id = coalesce(@correlation_id, correlation_id),
       started_at = CASE WHEN @state = 'executing' THEN coalesce(started_at, @now) ELSE started_at END,
       worked_ms = worked_ms + coalesce(max(@now - working_since, 0), 0),
       working_since = CASE WHEN @state = 'executing' AND NOT ${ALL_PAUSED} THEN @now END,
       ended_at = CASE WHEN @state IN ('succeeded', 'failed', 'cancelled') THEN @now ELSE NULL END
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) AND (state <> @state OR reason <> @reason)`,
  )
  return (tx, id, state, reason) => {
    const { correlation_id } = tx
    const { changes } = move.run({ id, state, reason, correlation_id, now: Date.now(), from: FROM[state] })
    if (changes === 0) return false
    events.append(tx, 'project.state', { project_id: id }, { state, reason })
    return true
  }
}
