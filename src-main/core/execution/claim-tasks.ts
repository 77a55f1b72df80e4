import { complexity as complexityWord, taskType, tier as tierWord } from '#contract/states.ts'
import { later } from '../later.ts'
import type { WriteClaim, WriteScopes } from '../lock/write-scopes.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { Route, Router } from '../model/router.ts'
import type { RunChanges } from '../run/run-changes.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { TaskChanges, Waiting } from '../task/task-changes.ts'
import type { ActiveRun, ActiveRuns } from './active-runs.ts'
import { createLaneTurns, type LaneTurns } from './lane-turns.ts'
import { createModelGroups } from './model-groups.ts'
import { LANE, type Lane, type ReadyQueue } from './ready-queue.ts'
import { type WritingTask, writeClaimOf } from './write-claim.ts'

/** Gives ready tasks to models, as many as the caps allow (E1: health, route, claim). */
export interface TaskClaims {
  /** Claims inside a turn. The claimed runs are counted as active at once; `changed` learns of every project touched. */
  claim(tx: Tx, changed: Set<number>): ActiveRun[]
  /** Why the tasks of a lane do not run yet; empty where nothing keeps them. */
  whyNot(lane: string): string
}

interface ClaimParts {
  readonly store: Store
  readonly settings: SettingsStore
  readonly board: ProviderBoard
  readonly router: Router
  readonly tasks: TaskChanges
  readonly runs: RunChanges
  readonly queue: ReadyQueue
  readonly active: ActiveRuns
  readonly writeScopes: WriteScopes
  isAllowed(projectId: number): boolean
}

interface ProjectPolicy {
  state: string
  profile: string | null
  local_only: number
}

interface ClaimRow extends WritingTask {
  /** Where it belongs now. */
  lane: string
  rung_reason: string
  priority: number
  tried: number
}

/** A task that has a place, before its run exists. */
interface Pick {
  readonly task_id: number
  readonly project_id: number
  readonly route: OpenRoute
  /** Why it is at this tier and no other; empty where routing says so itself. */
  readonly why: string
  readonly claim: WriteClaim
  /** There were runs for it before, or finished steps to take over. */
  readonly tried: boolean
}

type OpenRoute = Extract<Route, { ok: true }>

export function createTaskClaims(parts: ClaimParts): TaskClaims {
  const { store, settings, board, router, tasks, runs, queue, active, writeScopes } = parts
  const policyOf = store.sqlite.prepare<[number], ProjectPolicy>(
    'SELECT state, profile, local_only FROM project WHERE id = ?',
  )
  const rowOf = store.sqlite.prepare<[number], ClaimRow>(
    `SELECT project_id, title, artifacts, write_scope, ${LANE} AS lane, rung_reason, priority,
       (attempts > 0 OR carry_run_id IS NOT NULL) AS tried FROM task
     WHERE id = ? AND state = 'ready' AND held = 0`,
  )
  const setRung = store.sqlite.prepare('UPDATE task SET rung = ?, rung_reason = ? WHERE id = ?')
  const groups = createModelGroups(active, settings.settings)
  const why = new Map<string, string>()
  /** Why no lane goes on. */
  let whyAll = ''

  /** The profiles that all open lanes go to, without changing anything. Only asked where another model would be loaded. */
  function learnProfiles(turns: LaneTurns, ask: Router['route']): void {
    for (const lane of turns.open()) {
      if (turns.profileOf(lane) !== undefined) continue
      const policy = policyOf.get(lane.project_id)
      const route = policy === undefined ? null : routeOf(lane, policy, ask)
      if (route?.ok === true) turns.goesTo(lane, route.profile.name)
    }
    turns.reorder()
  }

  /** The router, asked the same only once: nothing that it looks at changes within a turn. */
  function routesOfTurn(): Router['route'] {
    const known = new Map<string, Route>()
    return (question) => {
      const key = JSON.stringify(question)
      const route = known.get(key) ?? router.route(question)
      known.set(key, route)
      return route
    }
  }

  function routeOf(lane: Lane, policy: ProjectPolicy, ask: Router['route']): Route {
    const [, type, complexity, tier, rung, verifiable] = lane.name.split('|')
    return ask({
      type: taskType.parse(type),
      complexity: complexityWord.parse(complexity),
      tier: tier === '' ? null : tierWord.parse(tier),
      rung: rung === '' ? null : tierWord.parse(rung),
      verifiable: verifiable === '1',
      profile: policy.profile,
      local_only: policy.local_only === 1,
      explores: true,
    })
  }

  /** The route of a lane, or null where its tasks cannot run now; what nothing can take waits and says why. */
  function openLane(tx: Tx, lane: Lane, changed: Set<number>, ask: Router['route']): OpenRoute | null {
    const policy = policyOf.get(lane.project_id)
    if (policy === undefined || !['executing', 'waiting'].includes(policy.state)) return null
    const route = routeOf(lane, policy, ask)
    if (!route.ok) {
      tx.afterCommit(() => {
        for (const provider of route.wants) board.want(provider)
      })
      park(tx, lane, changed, { waiting_on: 'resource', reason: route.message, resumes_at: route.resumes_at })
      return null
    }
    const { held_until, held_reason, held_by } = board.get(route.profile.provider)
    if (held_until !== null) {
      const reason = later('Goes on', held_until, held_reason)
      const waiting_on = held_by === 'trouble' ? 'resource' : 'rate_limit'
      park(tx, lane, changed, { waiting_on, reason, resumes_at: held_until })
      return null
    }
    return route
  }

  function park(tx: Tx, lane: Lane, changed: Set<number>, waiting: Waiting): void {
    changed.add(lane.project_id)
    const ids = lane.takeAll().map((task) => task.id)
    tasks.toWaiting(tx, ids, waiting)
  }

  /** Starts what was picked, in a few statements however many they are. */
  function begin(tx: Tx, picked: readonly Pick[]): ActiveRun[] {
    active.unreserve()
    if (picked.length === 0) return []
    const runOf = runs.beginAll(
      tx,
      picked.map(({ task_id, project_id, route, why: before, tried }) => ({
        kind: 'task' as const,
        project_id,
        task_id,
        profile: route.profile.name,
        tier: route.tier,
        route_reason: before === '' ? route.reason : `${before} ${route.reason}`.trimEnd(),
        note: '',
        tried,
      })),
    )
    const starting = picked.filter(({ task_id }) => runOf.has(task_id))
    const drawn = starting.filter(({ route }) => route.isDrawn)
    // What was left to chance is decided once: the task stays there when it waits and goes on.
    for (const { task_id, route } of drawn) setRung.run(route.tier, route.reason, task_id)
    return starting.flatMap(({ task_id, project_id, route, claim }) => {
      const run_id = runOf.get(task_id)
      if (run_id === undefined) return []
      if (claim.paths.length > 0) writeScopes.take(tx, claim, run_id)
      const { name: profile, provider } = route.profile
      const run: ActiveRun = { run_id, kind: 'task', project_id, task_id, profile, provider }
      active.add(run)
      return [run]
    })
  }

  return {
    whyNot: (lane) => whyAll || (why.get(lane) ?? ''),
    claim(tx, changed) {
      const begun: ActiveRun[] = []
      if (settings.paused()) return begun
      let picked: Pick[] = []
      // A task that was queued twice is taken once.
      const taken = new Set<number>()
      const caps = settings.settings()
      const routes = new Map<string, OpenRoute>()
      const ask = routesOfTurn()
      const allowed = [...queue.lanes()].filter((lane) => parts.isAllowed(lane.project_id))
      const turns = createLaneTurns(allowed, groups)
      let isLearnt = false
      /** Another local model waits for its turn: the ones at work get nothing more. */
      let isTurning = false
      whyAll = ''
      for (let lane = turns.next(); lane !== undefined; lane = turns.next()) {
        const fullForAll = active.fullForAll(caps)
        if (fullForAll !== null) {
          whyAll = `Waits for a free place: ${fullForAll}`
          break
        }
        const route = routes.get(lane.name) ?? openLane(tx, lane, changed, ask)
        if (route === null) continue
        routes.set(lane.name, route)
        turns.goesTo(lane, route.profile.name)
        if (groups.swaps(route.profile) && !isLearnt) {
          isLearnt = true
          turns.giveBack(lane)
          learnProfiles(turns, ask)
          continue
        }
        const fullMemory = groups.full(route.profile)
        if (fullMemory !== null || (isTurning && route.profile.provider === 'ollama')) {
          isTurning = true
          why.set(lane.name, fullMemory ?? 'Waits for a free place: another local model has its turn first.')
          continue
        }
        const { provider, name, max_concurrent } = route.profile
        const full = active.full({ project_id: lane.project_id, provider, profile: name }, caps, max_concurrent)
        if (full !== null) {
          why.set(lane.name, `Waits for a free place: ${full}`)
          continue
        }
        why.delete(lane.name)
        const task = lane.take()
        turns.giveBack(lane)
        const row = task === undefined ? undefined : rowOf.get(task.id)
        // An entry whose task was changed or ended meanwhile is stale; a changed task was queued anew.
        if (task === undefined) continue
        // Also a stale one counted as work of its project, which is looked at again now that it is gone.
        changed.add(task.project_id)
        if (row === undefined || taken.has(task.id)) continue
        if (row.lane !== lane.name || row.priority !== task.priority) continue
        // An earlier run of it is still ending; its outcome queues the task again (E5).
        if (row.tried === 1 && active.select({ task_id: task.id }).length > 0) continue
        const claim = writeClaimOf(row)
        if (claim.paths.length > 0) {
          // What was picked before may stand in the way, which shows only when its scopes are taken.
          begun.push(...begin(tx, picked))
          picked = []
          const reason = writeScopes.conflict(claim)
          if (reason !== null) {
            tasks.toWaiting(tx, [task.id], { waiting_on: 'lock', reason, resumes_at: null })
            continue
          }
        }
        taken.add(task.id)
        if (groups.took(route.profile)) turns.reorder()
        picked.push({
          task_id: task.id,
          project_id: task.project_id,
          route,
          why: row.rung_reason,
          claim,
          tried: row.tried === 1,
        })
        active.reserve({ project_id: task.project_id, provider, profile: name })
      }
      begun.push(...begin(tx, picked))
      return begun
    },
  }
}
