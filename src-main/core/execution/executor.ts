import type { Tier } from '#contract/states.ts'
import { complexity as complexityWord, taskType, tier as tierWord } from '#contract/states.ts'
import { toTimestamp } from '#contract/time.ts'
import type { Ledger } from '../budget/ledger.ts'
import type { Log } from '../core.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { Route, Router } from '../model/router.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { RunOutcome } from '../run/outcome.ts'
import type { RunChanges } from '../run/run-changes.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ReadyRow, TaskChanges } from '../task/task-changes.ts'
import { type ActiveRun, createActiveRuns } from './active-runs.ts'
import type { Engine } from './engine.ts'
import type { ProjectEnd } from './project-end.ts'
import { createReadyQueue, type Lane, type ReadyTask } from './ready-queue.ts'

/** What the executor stands on. */
export interface ExecutorParts {
  readonly store: Store
  readonly settings: SettingsStore
  readonly ledger: Ledger
  readonly board: ProviderBoard
  readonly router: Router
  readonly engine: Engine
  readonly tasks: TaskChanges
  readonly runs: RunChanges
  readonly moveProject: MoveProject
  readonly projectEnd: ProjectEnd
  readonly log: Log
}

/**
 * The loop (E1). It is woken by outcomes, by changes that others committed (`wake`), and by the moment at which the next
 * waiting task goes on; it never polls. One turn is one transaction: outcomes are taken, dependants unlocked, projects that
 * cannot move ended or explained, and as many ready tasks claimed as the caps allow. Runs start after the commit.
 */
export interface Executor {
  /** Something changed that may let work move: new ready tasks, a raised limit, a resumed project, other settings. */
  wake(projectId?: number): void
  /** Ready tasks that a change of others made; call it after that change's commit. */
  enqueue(rows: readonly ReadyRow[]): void
  /** Starts a run that belongs to no task, inside the change that asks for it. */
  startProjectRun(
    tx: Tx,
    kind: 'plan' | 'summary',
    projectId: number,
    route: Extract<Route, { ok: true }>,
    note: string,
  ): void
  /** Which projects may run: all, or only these. */
  allow(projects: 'all' | readonly number[]): void
  /** Tasks that wait for a service or for money are asked again. */
  retryWaiting(what: 'resource' | 'budget'): void
  pauseRuns(of: { project_id?: number; task_id?: number }): void
  cancelRuns(of: { project_id?: number; task_id?: number }): void
  /** Why a ready task does not run yet. */
  whyNot(projectId: number, lane: string): string
  counts(): { running: number; queued: number }
  /** Resolves at the next moment at which nothing runs and no turn is due. */
  quiet(): Promise<void>
  stop(graceMs: number): Promise<{ clean: boolean }>
}

interface ProjectPolicy {
  state: string
  profile: string | null
  local_only: number
}

export function laneOf(row: { project_id: number; type: string; complexity: string; tier: string | null }): string {
  return `${row.project_id}|${row.type}|${row.complexity}|${row.tier ?? ''}`
}

export function createExecutor(parts: ExecutorParts): Executor {
  const { store, settings, ledger, board, router, engine, tasks, runs, moveProject, projectEnd } = parts
  const { sqlite } = store
  const queue = createReadyQueue(() => settings.settings().priority_step_ms)
  const active = createActiveRuns()
  const whyLane = new Map<string, string>()
  const deniedTasks = new Set<number>()
  const quietWaiters: (() => void)[] = []
  let outcomes: { runId: number; outcome: RunOutcome }[] = []
  let allowed: 'all' | ReadonlySet<number> = new Set()
  let touched = new Set<number>()
  let scheduled = false
  let turning = false
  let stopping = false
  let timer: NodeJS.Timeout | undefined

  const policyOf = sqlite.prepare<[number], ProjectPolicy>(
    'SELECT state, profile, local_only FROM project WHERE id = ?',
  )
  const due = sqlite
    .prepare<[number], number>("SELECT id FROM task WHERE state = 'waiting' AND held = 0 AND resumes_at <= ?")
    .pluck()
  const waitingOn = sqlite
    .prepare<[string], number>("SELECT id FROM task WHERE state = 'waiting' AND held = 0 AND waiting_on = ?")
    .pluck()
  const dueRuns = sqlite.prepare<
    [number],
    { id: number; project_id: number; profile: string; kind: 'plan' | 'summary' }
  >(`SELECT id, project_id, profile, kind FROM run WHERE state = 'waiting' AND task_id IS NULL AND resumes_at <= ?`)
  const idleRuns = sqlite.prepare<[], { id: number; project_id: number; profile: string; kind: 'plan' | 'summary' }>(
    `SELECT id, project_id, profile, kind FROM run WHERE state = 'waiting' AND task_id IS NULL AND resumes_at IS NULL`,
  )
  const nextMoment = sqlite
    .prepare<[], number | null>(
      `SELECT min(at) FROM (SELECT min(resumes_at) AS at FROM task WHERE state = 'waiting' AND held = 0
         UNION ALL SELECT min(resumes_at) FROM run WHERE state = 'waiting' AND task_id IS NULL)`,
    )
    .pluck()
  const taskRun = sqlite.prepare<[number], { state: string; run_id: number | null }>(
    'SELECT state, run_id FROM task WHERE id = ?',
  )
  const laneRow = sqlite.prepare<
    [number],
    { project_id: number; type: string; complexity: string; tier: string | null }
  >('SELECT project_id, type, complexity, tier FROM task WHERE id = ?')
  const setOutput = sqlite.prepare('UPDATE task SET output = ? WHERE id = ?')

  engine.observe((runId, outcome) => {
    outcomes.push({ runId, outcome })
    wake()
  })
  ledger.onFreed(() => {
    if (deniedTasks.size > 0) wake()
  })

  const isAllowed = (projectId: number): boolean => allowed === 'all' || allowed.has(projectId)

  function wake(projectId?: number): void {
    if (projectId !== undefined) touched.add(projectId)
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  function enqueue(rows: readonly ReadyRow[]): void {
    for (const row of rows) {
      queue.push({
        id: row.id,
        project_id: row.project_id,
        priority: row.priority,
        since: row.ready_at,
        lane: laneOf(row),
      })
      touched.add(row.project_id)
    }
    if (rows.length > 0) wake()
  }

  function rebuild(): void {
    queue.clear()
    enqueue(tasks.ready())
  }

  function turn(): void {
    scheduled = false
    if (turning) {
      // The turn under way began before this news; it is followed by another.
      scheduled = true
      return
    }
    turning = true
    const taken = outcomes
    outcomes = []
    const changed = touched
    touched = new Set()
    store
      .write((tx) => oneTurn(tx, taken, changed))
      .then((claimed) => {
        for (const { runId } of taken) active.remove(runId)
        for (const run of claimed) start(run)
      })
      .catch((cause: unknown) => {
        // Nothing was committed: the outcomes are still to be taken, and the queue is read anew from the table.
        parts.log.error('A turn of the executor failed', {
          error: cause instanceof Error ? (cause.stack ?? '') : String(cause),
        })
        outcomes = [...taken, ...outcomes]
        for (const id of changed) touched.add(id)
        rebuild()
        return new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref())
      })
      .finally(() => {
        turning = false
        if (scheduled) {
          setImmediate(turn)
          return
        }
        if (outcomes.length > 0) wake()
        else settle()
      })
  }

  function settle(): void {
    schedule()
    if (active.size === 0 && !scheduled) for (const resolve of quietWaiters.splice(0)) resolve()
  }

  function start(run: ActiveRun): void {
    active.add(run)
    engine.submit({ run_id: run.run_id, timeout_ms: settings.settings().task_timeout_ms })
  }

  function oneTurn(
    tx: Tx,
    taken: readonly { runId: number; outcome: RunOutcome }[],
    changed: Set<number>,
  ): ActiveRun[] {
    const ended = new Set(taken.map(({ runId }) => runId))
    const begun: ActiveRun[] = []
    for (const { runId, outcome } of taken) {
      const run = active.get(runId)
      if (run === undefined) continue
      changed.add(run.project_id)
      if (run.task_id === null) takeProjectOutcome(tx, run, outcome)
      else takeTaskOutcome(tx, run, run.task_id, outcome)
    }
    if (!stopping) {
      for (const row of tasks.toReady(tx, due.all(Date.now()))) pushReady(row, changed)
      if (deniedTasks.size > 0 && taken.length > 0) {
        for (const row of tasks.toReady(tx, [...deniedTasks])) pushReady(row, changed)
        deniedTasks.clear()
      }
      begun.push(...resumeProjectRuns(tx, dueRuns.all(Date.now())))
      begun.push(...claim(tx, changed, ended))
    }
    for (const id of changed) {
      const busy =
        begun.some((run) => run.project_id === id) ||
        [...active.all()].some((run) => run.project_id === id && !ended.has(run.run_id))
      if (busy) {
        if (policyOf.get(id)?.state === 'waiting') moveProject(tx, id, 'executing', '')
        continue
      }
      const summary = projectEnd.settle(tx, id, isAllowed(id) ? queue.count(id) : 0)
      if (summary !== null && !stopping) begun.push(beginProjectRun(tx, 'summary', id, summary, ''))
    }
    return begun
  }

  function pushReady(row: ReadyRow, changed: Set<number>): void {
    changed.add(row.project_id)
    queue.push({
      id: row.id,
      project_id: row.project_id,
      priority: row.priority,
      since: row.ready_at,
      lane: laneOf(row),
    })
  }

  function takeTaskOutcome(tx: Tx, run: ActiveRun, taskId: number, outcome: RunOutcome): void {
    const row = taskRun.get(taskId)
    const current = row?.state === 'running' && row.run_id === run.run_id
    switch (outcome.kind) {
      case 'succeeded':
        runs.move(tx, run.run_id, 'succeeded', '')
        if (!current) return
        setOutput.run(outcome.output, taskId)
        for (const ready of tasks.end(tx, [taskId], 'succeeded', '').ready) queue.push({ ...toReadyTask(ready) })
        return
      case 'failed':
      case 'cancelled':
        runs.move(tx, run.run_id, outcome.kind, outcome.reason)
        if (current) tasks.end(tx, [taskId], outcome.kind, outcome.reason)
        return
      case 'suspended': {
        const { waiting_on, reason, resumes_at, denied_at } = outcome
        runs.move(tx, run.run_id, current ? 'waiting' : 'cancelled', reason, resumes_at)
        if (!current) return
        const freedMeanwhile = denied_at !== undefined && denied_at !== ledger.generation()
        if (waiting_on === null || freedMeanwhile) {
          for (const ready of tasks.toReady(tx, [taskId], reason)) queue.push(toReadyTask(ready))
          return
        }
        if (denied_at !== undefined) deniedTasks.add(taskId)
        tasks.toWaiting(tx, [taskId], { waiting_on, reason, resumes_at })
      }
    }
  }

  function takeProjectOutcome(tx: Tx, run: ActiveRun, outcome: RunOutcome): void {
    if (outcome.kind === 'suspended') {
      runs.move(tx, run.run_id, 'waiting', outcome.reason, outcome.resumes_at)
      if (outcome.waiting_on === null) return
      if (run.kind === 'summary') {
        // The work is done; a closing note is not worth waiting for money or a server.
        runs.move(tx, run.run_id, 'failed', outcome.reason)
        projectEnd.finish(tx, run.project_id, null, '')
        return
      }
      moveProject(tx, run.project_id, 'waiting', outcome.reason)
      return
    }
    runs.move(tx, run.run_id, outcome.kind, outcome.kind === 'succeeded' ? '' : outcome.reason)
    if (run.kind === 'summary') {
      const text = outcome.kind === 'succeeded' ? outcome.output : ''
      projectEnd.finish(tx, run.project_id, text === '' ? null : run.profile, text)
    } else if (outcome.kind === 'succeeded' && outcome.plan !== undefined) {
      projectEnd.propose(tx, run.project_id, outcome.plan)
    } else if (outcome.kind === 'failed') {
      moveProject(tx, run.project_id, 'failed', outcome.reason)
    }
  }

  function toReadyTask(row: ReadyRow): ReadyTask {
    return { id: row.id, project_id: row.project_id, priority: row.priority, since: row.ready_at, lane: laneOf(row) }
  }

  /** Takes ready tasks, oldest weighted first, as long as there is room; what nothing can take becomes waiting. */
  function claim(tx: Tx, changed: Set<number>, ended: ReadonlySet<number>): ActiveRun[] {
    const begun: ActiveRun[] = []
    if (settings.paused()) return begun
    // What ended in this turn has left its place; what is claimed takes one at once.
    const room = createActiveRuns()
    for (const run of active.all()) if (!ended.has(run.run_id)) room.add(run)
    const routes = new Map<string, Route>()
    const closed = new Set<string>()
    for (;;) {
      const lane = nextLane(closed)
      if (lane === null) return begun
      const open = openLane(tx, lane, routes, changed)
      if (open === null) {
        closed.add(lane.name)
        continue
      }
      const full = room.full(
        { project_id: lane.project_id, provider: open.profile.provider, profile: open.profile.name },
        settings.settings(),
        open.profile.max_concurrent,
      )
      if (full !== null) {
        whyLane.set(lane.name, `Waits for a free place: ${full}`)
        closed.add(lane.name)
        continue
      }
      whyLane.delete(lane.name)
      const task = lane.take()
      // An entry whose task was changed or ended meanwhile is stale; a changed task is queued anew.
      const row = task === undefined ? undefined : laneRow.get(task.id)
      if (task === undefined || row === undefined || laneOf(row) !== lane.name) continue
      if (tasks.toRunning(tx, [task.id]).length === 0) continue
      const run: ActiveRun = {
        run_id: runs.begin(tx, {
          kind: 'task',
          project_id: task.project_id,
          task_id: task.id,
          profile: open.profile.name,
          tier: open.tier,
          route_reason: open.reason,
          note: '',
        }),
        kind: 'task',
        project_id: task.project_id,
        task_id: task.id,
        profile: open.profile.name,
        provider: open.profile.provider,
      }
      room.add(run)
      begun.push(run)
      changed.add(task.project_id)
    }
  }

  function nextLane(closed: ReadonlySet<string>): Lane | null {
    let best: Lane | null = null
    for (const lane of queue.lanes()) {
      if (closed.has(lane.name) || !isAllowed(lane.project_id)) continue
      if (best === null || lane.firstKey() < best.firstKey()) best = lane
    }
    return best
  }

  /** The route of a lane, or null where its tasks cannot run now; then they wait, and say why. */
  function openLane(
    tx: Tx,
    lane: Lane,
    routes: Map<string, Route>,
    changed: Set<number>,
  ): Extract<Route, { ok: true }> | null {
    const policy = policyOf.get(lane.project_id)
    if (policy === undefined || !['executing', 'waiting'].includes(policy.state)) return null
    const route = routes.get(lane.name) ?? routeOf(lane, policy)
    routes.set(lane.name, route)
    if (!route.ok) {
      park(tx, lane, changed, { waiting_on: 'resource', reason: route.message, resumes_at: null })
      return null
    }
    const status = board.get(route.profile.provider)
    if (status.held_until !== null) {
      const reason = `${status.held_reason} Goes on at ${toTimestamp(status.held_until)}.`
      park(tx, lane, changed, { waiting_on: 'rate_limit', reason, resumes_at: status.held_until })
      return null
    }
    return route
  }

  function park(
    tx: Tx,
    lane: Lane,
    changed: Set<number>,
    waiting: { waiting_on: 'resource' | 'rate_limit'; reason: string; resumes_at: number | null },
  ): void {
    changed.add(lane.project_id)
    tasks.toWaiting(
      tx,
      lane.takeAll().map((task) => task.id),
      waiting,
    )
  }

  function routeOf(lane: Lane, policy: ProjectPolicy): Route {
    const [, type, complexity, tier] = lane.name.split('|')
    return router.route({
      type: taskType.parse(type),
      complexity: complexityWord.parse(complexity),
      tier: tier === '' ? null : tierWord.parse(tier),
      profile: policy.profile,
      local_only: policy.local_only === 1,
    })
  }

  function beginProjectRun(
    tx: Tx,
    kind: 'plan' | 'summary',
    projectId: number,
    route: { profile: { name: string; provider: string }; tier: Tier; reason: string },
    note: string,
  ): ActiveRun {
    const run_id = runs.begin(tx, {
      kind,
      project_id: projectId,
      task_id: null,
      profile: route.profile.name,
      tier: route.tier,
      route_reason: route.reason,
      note,
    })
    return {
      run_id,
      kind,
      project_id: projectId,
      task_id: null,
      profile: route.profile.name,
      provider: route.profile.provider,
    }
  }

  function resumeProjectRuns(
    tx: Tx,
    rows: readonly { id: number; project_id: number; profile: string; kind: 'plan' | 'summary' }[],
  ): ActiveRun[] {
    const back: ActiveRun[] = []
    for (const row of rows) {
      const state = policyOf.get(row.project_id)?.state
      if (!isAllowed(row.project_id) || state === 'paused' || state === 'cancelled' || settings.paused()) continue
      if (!runs.move(tx, row.id, 'running', '')) continue
      if (row.kind === 'plan') moveProject(tx, row.project_id, 'planning', '')
      back.push({
        run_id: row.id,
        kind: row.kind,
        project_id: row.project_id,
        task_id: null,
        profile: row.profile,
        provider: providerOf(row.profile),
      })
    }
    return back
  }

  /** Only counted by caps; a profile that is gone fails when its run starts. */
  function providerOf(profile: string): string {
    return parts.router.providerOf(profile) ?? profile
  }

  function schedule(): void {
    clearTimeout(timer)
    if (stopping) return
    const at = nextMoment.get() ?? null
    if (at === null) return
    timer = setTimeout(() => wake(), Math.min(Math.max(0, at - Date.now()), 2_147_000_000))
    timer.unref()
  }

  function selected(of: { project_id?: number; task_id?: number }): ActiveRun[] {
    return [...active.all()].filter(
      (run) =>
        (of.project_id === undefined || run.project_id === of.project_id) &&
        (of.task_id === undefined || run.task_id === of.task_id),
    )
  }

  function kick(change: (tx: Tx) => ActiveRun[] | undefined): void {
    store
      .write(change)
      .then((begun) => {
        for (const run of begun ?? []) start(run)
        wake()
      })
      .catch((cause: unknown) => parts.log.error('Work could not be taken up again', { error: String(cause) }))
  }

  board.onChange((_provider, status) => {
    if (status.state === 'healthy' || status.state === 'unknown') retryWaiting('resource')
  })

  function retryWaiting(what: 'resource' | 'budget'): void {
    kick((tx) => {
      for (const row of tasks.toReady(tx, waitingOn.all(what))) pushReady(row, touched)
      deniedTasks.clear()
      return stopping ? [] : resumeProjectRuns(tx, idleRuns.all())
    })
  }

  return {
    wake,
    enqueue,
    startProjectRun(tx, kind, projectId, route, note) {
      const run = beginProjectRun(tx, kind, projectId, route, note)
      tx.afterCommit(() => start(run))
    },
    allow(projects) {
      allowed = projects === 'all' ? 'all' : new Set(projects)
      rebuild()
      retryWaiting('resource')
      wake()
    },
    retryWaiting,
    pauseRuns(of) {
      for (const run of selected(of)) engine.stopSoon(run.run_id, 'pause')
    },
    cancelRuns(of) {
      for (const run of selected(of)) engine.cancel(run.run_id, 'cancel')
    },
    whyNot(projectId, lane) {
      if (settings.paused()) return 'Everything is paused.'
      if (!isAllowed(projectId)) return 'Not taken up yet: resume the project to let it go on.'
      return whyLane.get(lane) ?? ''
    },
    counts: () => ({ running: active.size, queued: queue.size }),
    quiet: () =>
      new Promise((resolve) => {
        quietWaiters.push(resolve)
        wake()
      }),
    async stop(graceMs) {
      stopping = true
      clearTimeout(timer)
      for (const run of active.all()) engine.stopSoon(run.run_id, 'shutdown')
      const quiet = new Promise<true>((resolve) => {
        quietWaiters.push(() => resolve(true))
        wake()
      })
      const clean = await Promise.race([quiet, delay(graceMs)])
      if (clean) return { clean: true }
      for (const run of active.all()) engine.cancel(run.run_id, 'shutdown')
      await Promise.race([quiet, delay(5_000)])
      return { clean: false }
    },
  }
}

function delay(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref())
}
