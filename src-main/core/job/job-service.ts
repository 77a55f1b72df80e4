import { encodeId } from '#contract/ids.ts'
import type { DispatchJob } from '#contract/job.ts'
import { MAX_METADATA, OWN_CORE } from '#contract/job-words.ts'
import { newRun } from '#contract/new-run.ts'
import { ok, type Result } from '#contract/result.ts'
import { LOCAL_USER } from '#contract/role.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { ClockWatch } from '../process/clock-watch.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Tx } from '../store/write-queue.ts'
import { createJobChanges } from './job-changes.ts'
import { createJobClaims } from './job-claims.ts'
import { createJobClock } from './job-clock.ts'
import { createJobHolds } from './job-holds.ts'
import { createJobReports } from './job-reports.ts'
import { createSessionPrompt } from './job-session.ts'
import { createJobView } from './job-view.ts'
import { createOwnJobs, type OwnJobParts } from './own-jobs.ts'
import { createOwnerLeaves } from './owner-leaves.ts'

export interface Jobs {
  readonly service: Core['jobs']
  /** From now on jobs of this core are begun, and those of workers watched. */
  begin(): void
  /** An owner is switched off, as a part of that change. */
  ownerLeaves(tx: Tx, owner: string): void
  /** Some user was switched off, or let in again. */
  ownersChanged(): void
  close(): void
}

/** Characters that a prompt may have. */
const LONGEST_PROMPT = 200_000

/** Jobs that are dispatched from outside (S1): to this core, or to workers that claim them. */
export function createJobs(
  parts: Omit<OwnJobParts, 'changes' | 'holds' | 'sessionPrompt'> & {
    readonly settings: SettingsStore
    readonly clock: ClockWatch
  },
): Jobs {
  const { store, events, settings, log } = parts
  const changes = createJobChanges(store, events, parts.clock)
  const holds = createJobHolds(store, events, settings)
  const view = createJobView(
    store,
    events,
    (id) => {
      const run = parts.getRun(encodeId('run', id))
      return run.ok ? { project_id: run.value.project_id, reason: run.value.reason } : null
    },
    holds,
  )
  const own = createOwnJobs({ ...parts, changes, holds, sessionPrompt: createSessionPrompt(store, LONGEST_PROMPT) })
  const clock = createJobClock(store, changes, log, own.stop)
  const claims = createJobClaims(store, changes, clock, view, holds)
  const lastOfOwner = store.sqlite
    .prepare<[string, string], number | null>(
      'SELECT CASE WHEN stay THEN session END FROM job WHERE core_id = ? AND owner = ? ORDER BY id DESC LIMIT 1',
    )
    .pluck()

  const service: Core['jobs'] = {
    list: view.list,
    get: view.get,
    events: view.events,
    counts: view.counts,
    claim: claims.claim,
    report: createJobReports(store, changes, clock, view, holds),
    async dispatch(given) {
      const fault = whyNotHere(given)
      if (!fault.ok) return fault
      const { coreId: core_id, priority } = given
      const created_at = Date.now()
      const { id, starts } = await store.tryWrite((tx) => {
        const owner = tx.actor?.id ?? LOCAL_USER
        const order_at = created_at - priority * settings.settings().priority_step_ms
        const before = core_id === OWN_CORE ? (lastOfOwner.get(core_id, owner) ?? null) : null
        const made = changes.queue(tx, given, owner, order_at, created_at)
        if (core_id === OWN_CORE) changes.join(tx, made, before ?? made)
        return {
          id: made,
          starts: holds.ofAll() === null ? view.estimate({ id: made, core_id, order_at, created_at }) : null,
        }
      })
      return ok({
        ...{ task_id: encodeId('job', id), status: 'queued', core_id, priority },
        ...{ created_at: toTimestamp(created_at), estimated_start: toTimestampOrNull(starts) },
      })
    },
    async cancel(id) {
      const found = view.row(id)
      if (!found.ok) return found
      const { state, id: key, core_id } = found.value
      if (state === 'cancelled') return view.get(id)
      const ended = await store.tryWrite((tx) => changes.end(tx, key, 'cancelled', 'Somebody cancelled it.'))
      const now = view.get(id)
      if (!ended && now.ok) return refuse('conflict', `${id} is ${now.value.status} already.`)
      if (core_id === OWN_CORE) own.stop(key)
      return now
    },
  }
  return {
    service,
    begin() {
      clock.begin()
      own.begin()
    },
    ownerLeaves: createOwnerLeaves(store, changes),
    ownersChanged: holds.ownersChanged,
    close() {
      claims.close()
      clock.close()
      own.close()
    },
  }
}

/** Refuses what this core could not carry out; a worker's metadata are its own affair. */
function whyNotHere({ coreId, prompt, metadata }: DispatchJob): Result<void, Refusal> {
  if (coreId !== OWN_CORE) return ok(undefined)
  if (prompt === undefined) {
    return refuse('bad_request', `A job for "${OWN_CORE}" needs a prompt: that is what it carries out.`)
  }
  const run = newRun.safeParse({ ...metadata, prompt })
  if (run.success) return ok(undefined)
  const [issue] = run.error.issues
  return refuse(
    'bad_request',
    `The metadata of a job for "${OWN_CORE}" are what POST /runs takes beside the prompt, of at most ${MAX_METADATA} characters. ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  )
}
