import type { Settings } from '#contract/settings.ts'
import type { RunKind } from '#contract/states.ts'

/** A run that is being carried out now. */
export interface ActiveRun {
  readonly run_id: number
  readonly kind: RunKind
  readonly project_id: number
  readonly task_id: number | null
  readonly profile: string
  readonly provider: string
}

/** What runs now, counted by everything that has a cap (E2). */
export interface ActiveRuns {
  add(run: ActiveRun): void
  remove(runId: number): ActiveRun | undefined
  get(runId: number): ActiveRun | undefined
  all(): Iterable<ActiveRun>
  ofProject(projectId: number): ActiveRun[]
  ofTask(taskId: number): ActiveRun | undefined
  readonly size: number
  /** Why another run of this kind has to wait; null where there is room. */
  full(
    run: { readonly project_id: number; readonly provider: string; readonly profile: string },
    caps: Settings,
    profileCap: number,
  ): string | null
}

export function createActiveRuns(): ActiveRuns {
  const runs = new Map<number, ActiveRun>()
  const counts = new Map<string, number>()
  const keysOf = (run: Pick<ActiveRun, 'project_id' | 'provider' | 'profile'>): string[] => [
    `project:${run.project_id}`,
    `provider:${run.provider}`,
    `profile:${run.profile}`,
  ]
  const count = (key: string): number => counts.get(key) ?? 0

  return {
    add(run) {
      runs.set(run.run_id, run)
      for (const key of keysOf(run)) counts.set(key, count(key) + 1)
    },
    remove(runId) {
      const run = runs.get(runId)
      if (run === undefined) return undefined
      runs.delete(runId)
      for (const key of keysOf(run)) counts.set(key, count(key) - 1)
      return run
    },
    get: (runId) => runs.get(runId),
    all: () => runs.values(),
    ofProject: (projectId) => [...runs.values()].filter((run) => run.project_id === projectId),
    ofTask: (taskId) => [...runs.values()].find((run) => run.task_id === taskId),
    get size() {
      return runs.size
    },
    full(run, caps, profileCap) {
      if (runs.size >= caps.max_concurrent) return `${runs.size} of ${caps.max_concurrent} tasks run already.`
      if (count(`project:${run.project_id}`) >= caps.max_concurrent_per_project) {
        return `${caps.max_concurrent_per_project} tasks of this project run already.`
      }
      if (count(`provider:${run.provider}`) >= caps.max_concurrent_per_provider) {
        return `${run.provider} has ${caps.max_concurrent_per_provider} tasks already.`
      }
      if (count(`profile:${run.profile}`) >= profileCap) return `${run.profile} has ${profileCap} tasks already.`
      return null
    },
  }
}
