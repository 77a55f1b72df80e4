import { eq } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import { OWN_CORE } from '#contract/job-words.ts'
import { type NewRun, newRun } from '#contract/new-run.ts'
import type { Result } from '#contract/result.ts'
import type { RunDetail } from '#contract/run.ts'
import type { Log } from '../core.ts'
import { correlated, uncorrelated } from '../correlation.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Refusal } from '../refusal.ts'
import type { BeginFreeRun } from '../run/free-runs.ts'
import { type JobRow, job as jobTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { troubleOf } from '../store/trouble.ts'
import type { JobChanges } from './job-changes.ts'
import type { JobHolds } from './job-holds.ts'
import type { SessionPrompt } from './job-session.ts'

export interface OwnJobParts {
  readonly store: Store
  readonly events: EventLog
  readonly changes: JobChanges
  readonly holds: JobHolds
  readonly sessionPrompt: SessionPrompt
  readonly log: Log
  readonly beginRun: BeginFreeRun
  getRun(id: string): Result<RunDetail, Refusal>
  cancelRun(id: string): Promise<Result<RunDetail, Refusal>>
}

/** Carries out the jobs of this core, each as a free prompt. */
export interface OwnJobs {
  /** From now on jobs are begun; those that a dead core had begun are gone on with. */
  begin(): void
  /** Ends the work of a job that has ended. */
  stop(id: number): void
  close(): void
}

/** What a job asks of the core, as `POST /runs` would take it. Throws a ZodError where it would not. */
export function runOfJob(metadata: Readonly<Record<string, unknown>>, prompt: string): NewRun {
  return newRun.parse({ ...metadata, prompt })
}

export function createOwnJobs(parts: OwnJobParts): OwnJobs {
  const { store, changes, holds, log } = parts
  const { sqlite } = store
  // One after another within a session: each goes on from the answers before it.
  const next = sqlite
    .prepare<[string, string], number>(
      `SELECT id FROM job j WHERE state = 'queued' AND core_id = ? AND run_id IS NULL
       AND owner NOT IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
         SELECT 1 FROM job p WHERE p.session = j.session AND p.id < j.id AND p.state IN ('queued', 'running'))
       ORDER BY order_at, id LIMIT 1`,
    )
    .pluck()
  // In any state: a job that was cancelled meanwhile has to find its run again, after a crash too, to end it.
  const link = sqlite.prepare('UPDATE job SET run_id = ? WHERE id = ?')
  const begun = sqlite.prepare<[string], { id: number; project_id: number }>(
    `SELECT j.id, r.project_id FROM job j JOIN run r ON r.id = j.run_id
     WHERE j.core_id = ? AND j.state IN ('queued', 'running')`,
  )
  const ended = sqlite
    .prepare<[string], number>(
      `SELECT j.id FROM run r JOIN job j ON j.run_id = r.id WHERE r.state IN ('queued', 'running', 'waiting')
         AND j.core_id = ? AND j.state IN ('succeeded', 'failed', 'cancelled')`,
    )
    .pluck()
  // Its run was cancelled before: after a crash in between, the job is cancelled with it.
  const unlink = sqlite.prepare("UPDATE job SET run_id = NULL WHERE id = ? AND state = 'queued'")
  const notBegun = sqlite.prepare<[string, string], { id: number; run_id: number }>(
    `SELECT j.id, j.run_id FROM job j JOIN run r ON r.id = j.run_id
     WHERE j.core_id = ? AND j.state = 'queued' AND r.started_at IS NULL
       AND j.owner IN (SELECT value FROM json_each(?))`,
  )
  /** Jobs that are carried out, by the public ids of their projects. */
  const followed = new Map<string, number>()
  let isOn = false
  let isLooking = false
  let isTakingBack = false

  const row = (id: number): JobRow | undefined => store.orm.select().from(jobTable).where(eq(jobTable.id, id)).get()

  function complain(what: string): (cause: unknown) => void {
    // In trouble (D4) it is looked at again when that is over; after the end of core nothing is to be done.
    return (cause) => {
      if (isOn && troubleOf(cause) === null) log.error(what, { error: String(cause) })
    }
  }

  /** Begins what can begin, in order. */
  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    try {
      while (isOn && store.trouble() === null) {
        const id = next.get(OWN_CORE, holds.owners())
        const job = id === undefined ? undefined : row(id)
        if (job === undefined) return
        if (!(await hand(job).catch((cause: unknown) => giveUp(job, cause)))) return
      }
    } finally {
      isLooking = false
    }
  }

  /** False: it cannot be begun now. */
  async function hand(job: JobRow): Promise<boolean> {
    const prompt = parts.sessionPrompt({ ...job, prompt: job.prompt ?? '' })
    const actor = { id: job.owner, address: null }
    const made = await correlated({ correlation_id: job.correlation_id, actor }, () =>
      parts.beginRun(runOfJob(job.metadata, prompt), {
        priority: job.priority,
        begun: (_tx, { run_id }) => {
          link.run(run_id, job.id)
        },
      }),
    )
    if (!made.ok) {
      if (made.error.code === 'unavailable') return false
      await store.write((tx) => changes.end(tx, job.id, 'failed', made.error.message))
      return true
    }
    // It may have been cancelled while its work was made.
    if (row(job.id)?.state === 'queued') settle(job.id)
    else await parts.cancelRun(made.value.run_id)
    // So may its owner have been switched off.
    if (holds.of(job.owner) !== null) await takeBack()
    return true
  }

  /** A bug in what begins one job must not keep the others from beginning. */
  async function giveUp(job: JobRow, cause: unknown): Promise<boolean> {
    if (troubleOf(cause) !== null) throw cause
    complain(`${encodeId('job', job.id)} could not be begun`)(cause)
    await store.write((tx) =>
      changes.end(tx, job.id, 'failed', 'It could not be begun, because of a bug in Baton. Its log says more.'),
    )
    return true
  }

  /** Takes over what has become of a job's run. */
  function settle(id: number): void {
    const job = row(id)
    if (job === undefined || job.run_id === null) return
    const found = parts.getRun(encodeId('run', job.run_id))
    if (found.ok) followed.set(found.value.project_id, id)
    if (job.state !== 'queued' && job.state !== 'running') {
      if (found.ok) followed.delete(found.value.project_id)
      return
    }
    store
      .write((tx) => {
        // It may have been taken back meanwhile.
        if (row(id)?.run_id !== job.run_id) return
        if (!found.ok) {
          changes.end(tx, id, 'failed', 'The work behind it was removed.')
          return
        }
        const { state, reason, answer, started_at } = found.value
        if (job.state === 'queued' && started_at !== null) {
          changes.begin(tx, id, { worker: OWN_CORE, lease_ms: null, session: job.session })
        }
        if (state === 'succeeded' || state === 'failed' || state === 'cancelled') {
          changes.end(tx, id, state, reason, answer ?? undefined)
          const { project_id } = found.value
          tx.afterCommit(() => followed.delete(project_id))
        }
      })
      .catch(complain('A job could not be followed'))
  }

  parts.events.onEvent(
    (event) => {
      const id = event.project_id === null ? undefined : followed.get(event.project_id)
      if (id !== undefined) uncorrelated(() => settle(id))
    },
    (type) => isOn && followed.size > 0 && (type === 'run.state' || type === 'project.state'),
  )
  const wake = (): void => {
    look().catch(complain('Jobs could not be begun'))
  }
  changes.onChange((coreId) => {
    if (coreId === OWN_CORE) wake()
  })

  /**
   * Takes back the work of jobs whose owner was switched off before it began; they wait. One at a time, and who is off is
   * asked anew before each: a second round at once would take a run that the first has just cancelled for the job's end.
   */
  async function takeBack(): Promise<void> {
    if (isTakingBack) return
    isTakingBack = true
    const refused = new Set<number>()
    try {
      while (isOn) {
        const taken = notBegun.all(OWN_CORE, holds.owners()).find(({ id }) => !refused.has(id))
        if (taken === undefined) break
        const { id, run_id } = taken
        const found = parts.getRun(encodeId('run', run_id))
        // What becomes of this run is not the end of the job.
        if (found.ok) followed.delete(found.value.project_id)
        const cancelled = await parts.cancelRun(encodeId('run', run_id))
        if (cancelled.ok) await store.write(() => void unlink.run(id))
        else {
          refused.add(id)
          settle(id)
        }
      }
    } finally {
      isTakingBack = false
    }
    // Whoever was let in again meanwhile has jobs that nobody else would begin.
    wake()
  }
  holds.onChange(() => {
    if (!isOn) return
    uncorrelated(() => {
      takeBack().catch(complain('The work of a job could not be taken back'))
      wake()
    })
  })

  function resume(): void {
    for (const { id } of begun.all(OWN_CORE)) settle(id)
    for (const id of ended.all(OWN_CORE)) stop(id)
    takeBack().catch(complain('The work of a job could not be taken back'))
    wake()
  }

  function stop(id: number): void {
    const run = row(id)?.run_id ?? null
    if (run === null) return
    parts.cancelRun(encodeId('run', run)).catch(complain('The work of a job could not be ended'))
  }

  store.onTrouble((now) => {
    if (now === null && isOn) resume()
  })
  return {
    begin() {
      isOn = true
      resume()
    },
    stop,
    close() {
      isOn = false
    },
  }
}
