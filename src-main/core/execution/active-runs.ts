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

type Place = Pick<ActiveRun, 'project_id' | 'provider' | 'profile'>

/** What runs now, counted by everything that has a cap (E2). */
export interface ActiveRuns {
  add(run: ActiveRun): void
  remove(runId: number): ActiveRun | undefined
  /** Keeps a place for a run that has no number yet. */
  reserve(place: Place): void
  /** Gives all reserved places back. */
  unreserve(): void
  /** All, or those of a project or task, or one. */
  select(of: { readonly project_id?: number; readonly task_id?: number; readonly run_id?: number }): ActiveRun[]
  ofProject(projectId: number): number
  /** Names of a provider's profiles that have runs or kept places. */
  profilesOf(provider: string): string[]
  readonly size: number
  /** Why any other run has to wait; null where there is room for some. */
  fullForAll(caps: Settings): string | null
  /** Why another run has to wait; null where there is room. */
  full(run: Place, caps: Settings, profileCap: number): string | null
}

export function createActiveRuns(): ActiveRuns {
  const runs = new Map<number, ActiveRun>()
  const projects = new Tally<number>()
  const providers = new Tally<string>()
  const profiles = new Tally<string>()
  const reserved: Place[] = []

  function adjust(run: Place, by: 1 | -1): void {
    projects.adjust(run.project_id, by)
    providers.adjust(run.provider, by)
    profiles.adjust(run.profile, by)
  }

  function fullForAll(caps: Settings): string | null {
    const running = runs.size + reserved.length
    return running < caps.max_concurrent ? null : `${running} of ${caps.max_concurrent} tasks run already.`
  }

  return {
    add(run) {
      runs.set(run.run_id, run)
      adjust(run, 1)
    },
    remove(runId) {
      const run = runs.get(runId)
      if (run === undefined) return undefined
      runs.delete(runId)
      adjust(run, -1)
      return run
    },
    reserve(place) {
      reserved.push(place)
      adjust(place, 1)
    },
    unreserve() {
      for (const place of reserved.splice(0)) adjust(place, -1)
    },
    select: ({ project_id, task_id, run_id }) =>
      [...runs.values()].filter(
        (run) =>
          (project_id === undefined || run.project_id === project_id) &&
          (task_id === undefined || run.task_id === task_id) &&
          (run_id === undefined || run.run_id === run_id),
      ),
    profilesOf: (provider) => [
      ...new Set([...runs.values(), ...reserved].filter((run) => run.provider === provider).map((run) => run.profile)),
    ],
    ofProject: (projectId) => projects.of(projectId),
    get size() {
      return runs.size
    },
    fullForAll,
    full(run, caps, profileCap) {
      const all = fullForAll(caps)
      if (all !== null) return all
      if (projects.of(run.project_id) >= caps.max_concurrent_per_project) {
        return `${caps.max_concurrent_per_project} tasks of this project run already.`
      }
      if (providers.of(run.provider) >= caps.max_concurrent_per_provider) {
        return `${run.provider} has ${caps.max_concurrent_per_provider} tasks already.`
      }
      if (profiles.of(run.profile) >= profileCap) return `${run.profile} has ${profileCap} tasks already.`
      return null
    },
  }
}

/** How many there are of each key. */
class Tally<Key> {
  readonly #counts = new Map<Key, number>()

  of(key: Key): number {
    return this.#counts.get(key) ?? 0
  }

  adjust(key: Key, by: 1 | -1): void {
    const next = this.of(key) + by
    if (next === 0) this.#counts.delete(key)
    else this.#counts.set(key, next)
  }
}
