import { and, eq, sql } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { Phase, StepKind, StepState } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import type { BlobStore } from '../store/blob-store.ts'
import { type RunRow, type StepRow, step } from '../store/schema.ts'
import { steady } from '../store/steady.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** Where in its run a step stands. The same run asks for the same places in the same order, also after a crash. */
export interface StepPlace {
  readonly phase: Phase
  readonly key: string
}

export interface NewStep extends StepPlace {
  readonly kind: StepKind
  readonly name: string
  readonly input: unknown
  readonly note?: unknown
  readonly reservation_id?: number | null
}

export interface StepEnd {
  readonly state: Exclude<StepState, 'sent'>
  readonly output?: unknown
  readonly error?: string | null
  readonly files_changed?: readonly string[]
  readonly cost_micros?: number
  readonly summary: string
}

/**
 * The journal of steps (T8, E5): `sent` before an effect, its end together with whatever changed by it. A finished step is
 * found again by its place, so no run does it twice.
 */
export interface Journal {
  /** The step that is done at this place, or null. */
  finished(runId: number, place: StepPlace): StepRow | null
  /** All attempts at this place, oldest first. */
  attempts(runId: number, place: StepPlace): StepRow[]
  begin(tx: Tx, run: RunRow, step: NewStep): { id: number; attempt: number }
  end(tx: Tx, run: RunRow, step: { id: number; kind: StepKind; name: string }, end: StepEnd): void
  /** The value behind a stored input or output; large ones lie in the blob store. */
  value(stored: unknown): unknown
  /**
   * Gives a new attempt the finished steps of an earlier one, which has ended, marked as reused; and the tool calls of which
   * nobody knows whether they took effect, as open ones, so that they are settled before they are made again (E5).
   */
  carryOver(tx: Tx, fromRunId: number, toRunId: number): void
}

/** What is written on model calls that a dead process left open. */
export const LOST_CALL = {
  paid: 'Baton was stopped before the answer was in. What it cost is not known, so the full reservation is booked.',
  free: 'Baton was stopped before the answer was in; it is asked again.',
  unsent: 'Baton was stopped before this call was sent.',
  batch:
    'Its batch cannot be found at the provider any more. What it cost is not known, so the full reservation is booked; it is asked again, directly.',
  unasked: 'It came back from its batch before a model saw it, so it is asked again.',
} as const

/** Whether an attempt failed by Baton's own death or before a model saw it, which says nothing about the model. */
export function wasLost({ error }: Pick<StepRow, 'error'>): boolean {
  return Object.values<string | null>(LOST_CALL).includes(error)
}

/** Above this many characters of JSON a value goes to the blob store. */
const INLINE_LIMIT = 64_000

interface BlobReference {
  readonly $blob: string
  readonly characters: number
}

export function createJournal(store: Store, events: EventLog, blobs: BlobStore): Journal {
  const { orm, sqlite } = store
  const countAttempts = sqlite
    .prepare<[number, string], number>('SELECT count(*) FROM step WHERE run_id = ? AND key = ?')
    .pluck()
  // Asked at each step: to build their SQL each time costs more than to answer it.
  const doneAt = orm
    .select()
    .from(step)
    .where(and(eq(step.run_id, sql.placeholder('run')), eq(step.key, sql.placeholder('key')), eq(step.state, 'done')))
    .prepare()
  const attemptsAt = orm
    .select()
    .from(step)
    .where(and(eq(step.run_id, steady('run')), eq(step.key, steady('key'))))
    .orderBy(step.attempt)
    .prepare()
  const carry = sqlite.prepare(
    `INSERT INTO step (run_id, key, attempt, phase, kind, name, state, input, output, note, error, files_changed, reused, started_at, ended_at)
     SELECT ?, key, 1, phase, kind, name, state, input, output, note, error, files_changed, 1, started_at, ended_at
     FROM step WHERE run_id = ? AND state = 'done' ORDER BY id`,
  )
  const carryOpen = sqlite.prepare(
    `INSERT INTO step (run_id, key, attempt, phase, kind, name, state, input, note, started_at)
     SELECT ?, key, 1, phase, kind, name, 'sent', input, note, started_at
     FROM step WHERE run_id = ? AND kind = 'tool' AND state IN ('sent', 'unknown') ORDER BY id`,
  )

  function stored(value: unknown): unknown {
    const text = JSON.stringify(value) ?? 'null'
    // What a model wrote may look like a reference; kept as a blob, it cannot be taken for one.
    if (text.length <= INLINE_LIMIT && !isBlob(value)) return value
    return { $blob: blobs.put(text), characters: text.length } satisfies BlobReference
  }

  function isBlob(value: unknown): value is BlobReference {
    return typeof value === 'object' && value !== null && '$blob' in value && typeof value.$blob === 'string'
  }

  function announce(
    tx: Tx,
    run: RunRow,
    id: number,
    data: { kind: StepKind; name: string; state: StepState; summary: string; cost_micros: number },
  ): void {
    events.append(
      tx,
      'step.state',
      { project_id: run.project_id, task_id: run.task_id, run_id: run.id },
      { step_id: encodeId('step', id), ...data },
    )
  }

  return {
    finished: (runId, { key }) => doneAt.get({ run: runId, key }) ?? null,
    attempts: (runId, { key }) => attemptsAt.all({ run: runId, key }),
    begin(tx, run, { kind, name, key, phase, input, note, reservation_id }) {
      const attempt = (countAttempts.get(run.id, key) ?? 0) + 1
      const { id } = tx.orm
        .insert(step)
        .values({
          run_id: run.id,
          key,
          attempt,
          phase,
          kind,
          name,
          state: 'sent',
          // A model may call a tool with no arguments at all; that is JSON's null, not a missing input.
          input: input === null || input === undefined ? sql`'null'` : stored(input),
          note: note ?? null,
          reservation_id: reservation_id ?? null,
          started_at: Date.now(),
        })
        .returning({ id: step.id })
        .get()
      announce(tx, run, id, { kind, name, state: 'sent', summary: '', cost_micros: 0 })
      return { id, attempt }
    },
    end(tx, run, { id, kind, name }, { state, output, error, files_changed, cost_micros, summary }) {
      tx.orm
        .update(step)
        .set({
          state,
          output: output === undefined ? null : stored(output),
          error: error ?? null,
          files_changed: [...(files_changed ?? [])],
          ended_at: Date.now(),
        })
        .where(eq(step.id, id))
        .run()
      announce(tx, run, id, { kind, name, state, summary, cost_micros: cost_micros ?? 0 })
    },
    value: (value) => (isBlob(value) ? JSON.parse(blobs.get(value.$blob)) : value),
    carryOver: (_tx, fromRunId, toRunId) => {
      carry.run(toRunId, fromRunId)
      carryOpen.run(toRunId, fromRunId)
    },
  }
}
