import type { Route, Router } from '../model/router.ts'
import type { HasTasks } from '../plan/has-tasks.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { RunChanges } from '../run/run-changes.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ActiveRun } from './active-runs.ts'

/** Runs that belong to a whole project: planning it, and summing it up. */
export interface ProjectRuns {
  begin(
    tx: Tx,
    kind: 'plan' | 'summary',
    projectId: number,
    route: Extract<Route, { ok: true }>,
    note: string,
  ): ActiveRun
  /** Takes up waiting ones: those whose moment has come, or (`'all'`) those that wait for something else. */
  resume(tx: Tx, which: 'due' | 'all'): ActiveRun[]
}

interface WaitingRun {
  id: number
  project_id: number
  profile: string
  kind: 'plan' | 'summary'
  project_state: string
}

export function createProjectRuns(
  store: Store,
  settings: SettingsStore,
  router: Router,
  runs: RunChanges,
  moveProject: MoveProject,
  isAllowed: (projectId: number) => boolean,
  hasTasks: HasTasks,
): ProjectRuns {
  const select = `SELECT r.id, r.project_id, r.profile, r.kind, p.state AS project_state
    FROM run r JOIN project p ON p.id = r.project_id WHERE r.state = 'waiting' AND r.task_id IS NULL`
  const due = store.sqlite.prepare<[number], WaitingRun>(`${select} AND r.resumes_at <= ?`)
  const others = store.sqlite.prepare<[], WaitingRun>(`${select} AND r.resumes_at IS NULL`)

  return {
    begin(tx, kind, project_id, { profile, tier, reason }, note) {
      const subject = { kind, project_id, task_id: null, profile: profile.name }
      const run_id = runs.begin(tx, { ...subject, tier, route_reason: reason, note })
      return { ...subject, run_id, provider: profile.provider }
    },
    resume(tx, which) {
      if (settings.paused()) return []
      const waiting = which === 'due' ? due.all(Date.now()) : others.all()
      return waiting.flatMap((row) => {
        const stopped = row.project_state === 'paused' || row.project_state === 'cancelled'
        if (stopped || !isAllowed(row.project_id) || !runs.move(tx, row.id, 'running', '')) return []
        if (row.kind === 'plan' && !hasTasks(row.project_id)) moveProject(tx, row.project_id, 'planning', '')
        const { id: run_id, kind, project_id, profile } = row
        // The provider only counts for caps here; a profile that is gone fails as its run starts.
        return [{ run_id, kind, project_id, task_id: null, profile, provider: router.providerOf(profile) ?? profile }]
      })
    },
  }
}
