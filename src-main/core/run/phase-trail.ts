import type { Phase, PhaseMark } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import type { RunRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

export type PhasePayload = Readonly<Record<string, unknown>>

/**
 * The phase boundaries of one run (G1). A run passes the same boundaries in the same order each time it is gone through, so
 * after a crash those already recorded are passed over, and their payload is given back instead of being found anew (G5).
 */
export interface PhaseTrail {
  mark(node: Phase, mark: PhaseMark, summary: string, payload?: PhasePayload): Promise<void>
  /** The same as a change for a transaction of the caller's; passes the boundary at once. */
  later(node: Phase, mark: PhaseMark, summary: string, payload?: PhasePayload): (tx: Tx) => void
  /** The payload of the next boundary where it is already recorded; null where the run is at its front. */
  recorded(): PhasePayload | null
}

/** Microseconds since 1970, from a clock that has them. */
function nowMicroseconds(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1_000)
}

export function openPhaseTrail(store: Store, events: EventLog, run: RunRow): PhaseTrail {
  const past = run.next_sequence === 0 ? [] : events.ofRun(run.id)
  const advance = store.sqlite.prepare<
    { id: number; now: number; phase: Phase },
    { sequence: number; timestamp_us: number }
  >(
    `UPDATE run SET next_sequence = next_sequence + 1, last_event_us = max(@now, last_event_us + 1), phase = @phase
     WHERE id = @id RETURNING next_sequence - 1 AS sequence, last_event_us AS timestamp_us`,
  )
  let cursor = 0

  /** Whether the next boundary is recorded already; passes it then. */
  function isPast(node: Phase, mark: PhaseMark): boolean {
    const known = past[cursor]
    if (known === undefined) return false
    if (known.data.node !== node || known.data.phase !== mark) {
      throw new Error(
        `Run ${run.id} came to ${node} ${mark} where it had passed ${known.data.node} ${known.data.phase}`,
      )
    }
    cursor += 1
    return true
  }

  function record(tx: Tx, node: Phase, mark: PhaseMark, summary: string, payload: PhasePayload): void {
    const at = advance.get({ id: run.id, now: nowMicroseconds(), phase: node })
    // Its project was removed meanwhile.
    if (at === undefined) return
    const subject = { project_id: run.project_id, task_id: run.task_id, run_id: run.id }
    events.append(tx, 'run.phase', subject, { ...at, node, phase: mark, summary, payload })
  }

  return {
    recorded: () => past[cursor]?.data.payload ?? null,
    async mark(node, mark, summary, payload = {}) {
      if (!isPast(node, mark)) await store.write((tx) => record(tx, node, mark, summary, payload))
    },
    later(node, mark, summary, payload = {}) {
      return isPast(node, mark) ? () => undefined : (tx) => record(tx, node, mark, summary, payload)
    },
  }
}
