import type { Engine, ReportRun } from '#core/execution/engine.ts'
import type { RunOutcome } from '#core/run/outcome.ts'
import type { RunServices } from '#core/run/run-frame.ts'
import type { Tx } from '#core/store/write-queue.ts'
import { CALL, PHASES } from './recorded-call.ts'

/** An engine whose runs succeed on the next turn of the event loop, and which keeps its own count of them. */
export interface InstantEngine {
  engine(services: RunServices): Engine
  /** How often each run was submitted. */
  readonly submitted: ReadonlyMap<number, number>
}

interface Subject {
  readonly project_id: number
  readonly task_id: number | null
}

const DONE: RunOutcome = { kind: 'succeeded', output: '' }
const worstCase = (): number => CALL.worst_micros

/**
 * Takes the place of the run graph behind the engine port, so that what is measured is the loop around it and what it
 * records: each run books one paid call (reserved, sent, settled, with its usage), and with `phases` also tells the
 * boundaries of the run graph. The closing summaries of projects are as instant and cost nothing.
 */
export function createInstantEngine(phases: boolean): InstantEngine {
  const submitted = new Map<number, number>()
  return {
    submitted,
    engine(services) {
      const write = recorder(services, phases)
      let report: ReportRun = () => undefined
      return {
        submit({ run_id }) {
          submitted.set(run_id, (submitted.get(run_id) ?? 0) + 1)
          setImmediate(() => report(run_id, { outcome: DONE, record: (tx) => write(tx, run_id) }))
        },
        // A run is reported before anybody could break it off.
        cancel: () => undefined,
        stopSoon: () => undefined,
        observe(listener) {
          report = listener
        },
      }
    },
  }
}

/** Objects are named field by field: a spread in every call would cost more than what is measured around it. */
function recorder(services: RunServices, phases: boolean): (tx: Tx, runId: number) => void {
  const { store, events, ledger, noteUsage } = services
  const subjectOf = store.sqlite.prepare<[number], Subject>('SELECT project_id, task_id FROM run WHERE id = ?')
  const passed = store.sqlite.prepare('UPDATE run SET next_sequence = ?, last_event_us = ?, phase = ? WHERE id = ?')

  function tellPhases(tx: Tx, run_id: number, subject: Subject): void {
    let timestamp_us = Date.now() * 1_000
    for (const [sequence, { node, phase }] of PHASES.entries()) {
      timestamp_us += 1
      const data = { sequence, timestamp_us, node, phase, summary: '', payload: {} }
      events.append(tx, 'run.phase', { ...subject, run_id }, data)
    }
    passed.run(PHASES.length, timestamp_us, PHASES.at(-1)?.node ?? null, run_id)
  }

  return (tx, run_id) => {
    const subject = subjectOf.get(run_id)
    if (subject === undefined || subject.task_id === null) return
    const { project_id, task_id } = subject
    const granted = ledger.reserve(tx, {
      provider: CALL.provider,
      model: CALL.model,
      project_id,
      task_id,
      run_id,
      max_tokens: CALL.usage.output,
      min_tokens: CALL.usage.output,
      worstCase,
    })
    if (!granted.ok) throw new Error(granted.message)
    const { reservation_id } = granted
    ledger.markSent(tx, reservation_id)
    ledger.settle(tx, reservation_id, CALL.cost_micros)
    noteUsage(tx, {
      provider: CALL.provider,
      model: CALL.model,
      profile: CALL.profile,
      tier: CALL.tier,
      attempt: CALL.attempt,
      step_id: CALL.step_id,
      usage: CALL.usage,
      saved_micros: CALL.saved_micros,
      latency_ms: CALL.latency_ms,
      outcome: CALL.outcome,
      unconfirmed: CALL.unconfirmed,
      cost_micros: CALL.cost_micros,
      project_id,
      task_id,
      run_id,
      reservation_id,
    })
    if (phases) tellPhases(tx, run_id, subject)
  }
}
