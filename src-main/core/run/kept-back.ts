import { eq } from 'drizzle-orm'
import { later } from '../later.ts'
import { project } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { type Ending, failedRun, suspendedRun } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'

/** Why nothing may be sent now: work that stays local since it was routed (R7), or a provider that is held (E3, H2). */
export function keptBack(frame: RunFrame): Ending | null {
  const local = staysLocal(frame)
  if (local !== null) return local
  const asked = frame.services.board.mayAsk(frame.provider.id)
  if (asked.ok) return null
  const reason = later('Goes on', asked.until, asked.reason)
  return suspendedRun(asked.by === 'rate_limit' ? 'rate_limit' : 'resource', reason, asked.until)
}

/** Whether a paid model must not even be thought of any more. */
export function staysLocal({ services, run, provider, profile }: RunFrame): Ending | null {
  if (provider.paid && (services.settings.settings().local_only || isLocalOnly(services.store, run.project_id))) {
    const why = `${profile.display_name} is paid, and this work stays local now.`
    // A task is given to another model at once; a plan or a summary has no way to change its own.
    return run.task_id === null ? failedRun(`${why} Begin it again.`) : suspendedRun(null, why)
  }
  return null
}

function isLocalOnly({ orm }: Store, projectId: number): boolean {
  const row = orm.select({ local_only: project.local_only }).from(project).where(eq(project.id, projectId)).get()
  return row?.local_only ?? false
}
