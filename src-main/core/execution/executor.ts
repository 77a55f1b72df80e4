import type { Ledger } from '../budget/ledger.ts'
import type { Log } from '../core.ts'
import { uncorrelated } from '../correlation.ts'
import type { EventLog } from '../event/event-log.ts'
import type { WriteScopes } from '../lock/write-scopes.ts'
import type { ProviderBoard } from '../model/provider-status.ts'
import type { Router } from '../model/router.ts'
import type { HasTasks } from '../plan/has-tasks.ts'
import type { PastTasks } from '../plan/past-tasks.ts'
import type { ClockWatch } from '../process/clock-watch.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { RunChanges } from '../run/run-changes.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { TaskChanges } from '../task/task-changes.ts'
import { type ActiveRun, createActiveRuns } from './active-runs.ts'
import { createTaskClaims } from './claim-tasks.ts'
import type { Engine } from './engine.ts'
import { createLockedOutTasks } from './locked-out-tasks.ts'
import type { ProjectEnd } from './project-end.ts'
import { createProjectRuns } from './project-runs.ts'
import { createReadyQueue } from './ready-queue.ts'
import { createOutcomes, type EndedRun } from './take-outcomes.ts'
import { createWaitingTasks } from './waiting-tasks.ts'

/** What the executor stands on. */
export interface ExecutorParts {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly ledger: Ledger
  readonly board: ProviderBoard
  readonly router: Router
  readonly engine: Engine
  readonly tasks: TaskChanges
  readonly runs: RunChanges
  readonly moveProject: MoveProject
  readonly projectEnd: ProjectEnd
  readonly pastTasks: Pick<PastTasks, 'record'>
  readonly hasTasks: HasTasks
  readonly writeScopes: WriteScopes
  readonly clock: ClockWatch
  readonly log: Log
}

/**
 * The loop (E1). It is woken by outcomes, by changes that others committed (`wake`), and by the moment at which the next
 * waiting task goes on; it never polls. One turn is one transaction: outcomes are taken, dependants unlocked, as many ready
 * tasks claimed as the caps allow, and projects in which nothing runs ended or explained. Runs start after the commit.
 */
export interface Executor extends Steering {
  /** Lets projects run: all, or these beside the ones that may already. */
  allow(projects: 'all' | readonly number[]): void
  /** Whether work of a project may go on in this core. */
  isAllowed(projectId: number): boolean
  counts(): { running: number; queued: number }
  /** Tasks that were sent away can go on now; those whose end is still to be taken go on after that. */
  goOn(taskIds: readonly number[]): void
  /** Called whenever nothing is due: all outcomes are taken and everything that can be claimed is. */
  onRest(listener: () => void): void
  /** Whether a local model is at work for a task, or one of these tasks is ready or runs. */
  expects(taskIds: ReadonlySet<number>): boolean
  /** Resolves at the next moment at which nothing runs and no turn is due. */
  quiet(): Promise<void>
  /** Stops taking work and lets steps finish for `graceMs`, then aborts them (E8). */
  stop(graceMs: number): Promise<{ clean: boolean }>
}

/** After a turn could not be committed for another reason than the disk's, the next is tried this much later. */
const TURN_RETRY_MS = 1_000
const ABORT_MS = 5_000
/** Timers stand still while the machine sleeps and know nothing of a clock that is set, so long waits are looked at again. */
const MAX_TIMER_MS = 5_000
const DUE_AGAIN_MS = 20

export function createExecutor(parts: ExecutorParts): Executor {
  const { store, settings, ledger, board, engine, tasks, moveProject, projectEnd, clock } = parts
  const queue = createReadyQueue(() => settings.settings().priority_step_ms)
  const active = createActiveRuns()
  const waiting = createWaitingTasks(store)
  const lockedOut = createLockedOutTasks(store, settings, parts.writeScopes)
  const outcomes = createOutcomes(
    store,
    parts.events,
    ledger,
    tasks,
    parts.runs,
    moveProject,
    projectEnd,
    parts.pastTasks,
    parts.hasTasks,
  )
  const claims = createTaskClaims({ ...parts, queue, active, isAllowed })
  const projectRuns = createProjectRuns(
    store,
    settings,
    parts.router,
    parts.runs,
    moveProject,
    isAllowed,
    parts.hasTasks,
  )
  const submitted = new Map<number, ActiveRun>()
  const executing = store.sqlite.prepare<[], number>("SELECT id FROM project WHERE state = 'executing'").pluck()
  const projectState = store.sqlite.prepare<[number], string>('SELECT state FROM project WHERE id = ?').pluck()

  /** Tasks that may go on as soon as they wait. */
  const called = new Set<number>()
  const restListeners: (() => void)[] = []
  let allowed: 'all' | ReadonlySet<number> = new Set()
  let arrived: EndedRun[] = []
  let touched = new Set<number>()
  let quietWaiters: (() => void)[] = []
  let due = false
  let turning = false
  let stopping = false
  let timer: NodeJS.Timeout | undefined

  function isAllowed(projectId: number): boolean {
    return allowed === 'all' || allowed.has(projectId)
  }

  function wake(projectId?: number): void {
    if (projectId !== undefined) touched.add(projectId)
    if (due || turning) {
      due = true
      return
    }
    due = true
    setImmediate(turn)
  }

  function turn(): void {
    due = turning
    if (turning) return
    turning = true
    const ended = arrived
    const changed = touched
    arrived = []
    touched = new Set()
    for (const { run } of ended) active.remove(run.run_id)
    let begun: ActiveRun[] = []
    // A turn goes on for many, whoever woke it.
    uncorrelated(() =>
      store.tryWrite((tx) => {
        begun = wholeTurn(tx, ended, changed)
      }),
    )
      .then(
        () => {
          for (const run of begun) submit(run)
        },
        (cause: unknown) => takeBack(cause, ended, changed, begun),
      )
      .finally(() => {
        turning = false
        // While the disk is in trouble nothing new begins; its end wakes the loop.
        if (store.trouble() !== null) due = true
        else if (due || arrived.length > 0) setImmediate(turn)
        else rest()
      })
      .catch((cause: unknown) => {
        store.report(cause)
        parts.log.error('The executor could not look for what goes on next', { error: String(cause) })
      })
  }

  /** Nothing of the turn was committed: outcomes are still to be taken, and the queue is read anew from the table. */
  async function takeBack(
    cause: unknown,
    ended: readonly EndedRun[],
    changed: ReadonlySet<number>,
    begun: readonly ActiveRun[],
  ): Promise<void> {
    parts.log.warn('A turn of the executor was not committed and is made again', { error: String(cause) })
    for (const run of begun) active.remove(run.run_id)
    for (const { run } of ended) active.add(run)
    arrived = [...ended, ...arrived]
    for (const id of changed) touched.add(id)
    if (store.trouble() !== null) return
    rebuild()
    await delay(TURN_RETRY_MS)
  }

  store.onTrouble((trouble) => {
    if (trouble !== null) return
    rebuild()
    retryWaiting('resource')
    retryWaiting('budget')
    setImmediate(turn)
  })

  /** A turn that breaks off in the middle leaves no run behind that counts as active. */
  function wholeTurn(tx: Tx, ended: readonly EndedRun[], changed: Set<number>): ActiveRun[] {
    const before = new Set(active.select({}).map((run) => run.run_id))
    try {
      return oneTurn(tx, ended, changed)
    } catch (cause) {
      for (const { run_id } of active.select({})) if (!before.has(run_id)) active.remove(run_id)
      throw cause
    }
  }

  /** Called tasks that wait; those whose end is still to be taken stay called, and what found another way is forgotten. */
  function answerCall(tx: Tx): number[] {
    if (called.size === 0) return []
    const here = waiting.among(called)
    const still = new Set(waiting.running(called))
    const gone = [...called].filter((id) => !still.has(id))
    tx.afterCommit(() => {
      for (const id of gone) called.delete(id)
    })
    return here
  }

  function oneTurn(tx: Tx, ended: readonly EndedRun[], changed: Set<number>): ActiveRun[] {
    for (const { run } of ended) {
      changed.add(run.project_id)
      parts.writeScopes.release(tx, run.run_id)
    }
    queue.push(outcomes.take(tx, ended))
    if (stopping) return []
    const back = clock.setBack()
    if (back > 0) {
      waiting.bringForward(tx, back)
      board.bringForward(back)
    }
    const unlocked = lockedOut.letIn(new Set(ended.map(({ run }) => run.project_id)))
    const free = [...waiting.due(), ...outcomes.askAgain(tx), ...unlocked, ...answerCall(tx)]
    for (const row of tasks.toReady(tx, free)) {
      changed.add(row.project_id)
      queue.push([row])
    }
    const begun = projectRuns.resume(tx, 'due')
    for (const run of begun) active.add(run)
    // Projects whose last task ended come first, so that new tasks of others do not keep their summaries waiting; then
    // those whose tasks turned out to have nowhere to go.
    for (const id of changed) begun.push(...settle(tx, id))
    begun.push(...claims.claim(tx, changed))
    for (const id of changed) begun.push(...settle(tx, id))
    return begun
  }

  /** What becomes of a project after a turn; its closing summary is a run. */
  function settle(tx: Tx, id: number): ActiveRun[] {
    if (active.ofProject(id) > 0) {
      // A planner at work carries nothing out; a stopped one may still be ending.
      if (projectState.get(id) === 'waiting' && parts.hasTasks(id)) moveProject(tx, id, 'executing', '')
      return []
    }
    const route = projectEnd.settle(tx, id, isAllowed(id) ? queue.count(id) : 0)
    if (route === null) return []
    const { provider, name: profile, max_concurrent } = route.profile
    if (active.full({ project_id: id, provider, profile }, settings.settings(), max_concurrent) !== null) {
      // Whatever holds the places ends in another turn; then this is asked again.
      touched.add(id)
      return []
    }
    const run = projectRuns.begin(tx, 'summary', id, route, '')
    active.add(run)
    return [run]
  }

  function submit(run: ActiveRun): void {
    submitted.set(run.run_id, run)
    engine.submit({ run_id: run.run_id, timeout_ms: settings.settings().task_timeout_ms })
  }

  engine.observe((runId, end) => {
    const run = submitted.get(runId)
    if (run === undefined) return
    submitted.delete(runId)
    arrived.push({ run, ...end })
    wake()
  })

  function rebuild(): void {
    queue.clear()
    queue.push(tasks.ready())
  }

  /** Sets the timer for what goes on by itself, and tells who waited for silence. */
  function rest(): void {
    clearTimeout(timer)
    const at = stopping ? null : waiting.nextMoment()
    if (at !== null) {
      // What is due and did not go on, because its project is paused, must not make the loop spin.
      timer = setTimeout(() => wake(), Math.min(Math.max(DUE_AGAIN_MS, at - Date.now()), MAX_TIMER_MS))
      timer.unref()
    }
    for (const listener of restListeners) listener()
    if (active.size > 0) return
    const told = quietWaiters
    quietWaiters = []
    for (const resolve of told) resolve()
  }

  function quiet(): Promise<void> {
    return new Promise((resolve) => {
      quietWaiters.push(resolve)
      wake()
    })
  }

  function retryWaiting(what: 'resource' | 'budget' | 'approval'): void {
    store
      .tryWrite((tx) => ({
        // What nobody lets go on keeps its reason.
        ready: tasks.toReady(tx, waiting.on(what, isAllowed)),
        resumed: stopping ? [] : projectRuns.resume(tx, 'all'),
      }))
      .then(
        ({ ready, resumed }) => {
          queue.push(ready)
          for (const row of ready) touched.add(row.project_id)
          for (const run of resumed) {
            active.add(run)
            submit(run)
          }
          wake()
        },
        (cause: unknown) => parts.log.error('Waiting work could not be taken up', { error: String(cause) }),
      )
  }

  ledger.onFreed(() => wake())
  board.onChange((_provider, status) => {
    if (status.state === 'healthy' || status.state === 'unknown') retryWaiting('resource')
  })

  return {
    wake,
    quiet,
    retryWaiting,
    enqueue(rows) {
      queue.push(rows)
      for (const row of rows) touched.add(row.project_id)
      if (rows.length > 0) wake()
    },
    startProjectRun(tx, kind, projectId, route, note) {
      const run = projectRuns.begin(tx, kind, projectId, route, note)
      tx.afterCommit(() => {
        active.add(run)
        submit(run)
      })
    },
    allow(projects) {
      if (projects === 'all') allowed = 'all'
      else if (allowed !== 'all') allowed = new Set([...allowed, ...projects])
      // What ended while nobody could look (a run that died after its task was cancelled) is looked at now.
      for (const id of executing.all()) touched.add(id)
      rebuild()
      retryWaiting('approval')
      retryWaiting('resource')
      retryWaiting('budget')
    },
    takeUp(projectId) {
      if (isAllowed(projectId)) return
      allowed = new Set([...(allowed === 'all' ? [] : allowed), projectId])
      retryWaiting('approval')
      retryWaiting('resource')
      retryWaiting('budget')
    },
    pauseRuns(of) {
      for (const run of active.select(of)) engine.stopSoon(run.run_id, 'pause')
    },
    cancelRuns(of) {
      for (const run of active.select(of)) engine.cancel(run.run_id, 'cancel')
    },
    whyNot(projectId, lane) {
      if (settings.paused()) return 'Everything is paused.'
      if (!isAllowed(projectId)) return 'Not taken up yet: resume the project to let it go on.'
      return claims.whyNot(lane)
    },
    goOn(taskIds) {
      for (const id of taskIds) called.add(id)
      wake()
    },
    onRest: (listener) => void restListeners.push(listener),
    expects(taskIds) {
      const isAtWork = (run: ActiveRun): boolean =>
        run.task_id !== null && (run.provider === 'ollama' || taskIds.has(run.task_id))
      return active.select({}).some(isAtWork) || waiting.aboutToRun(taskIds)
    },
    isAllowed,
    isAtWork: (projectId) => active.ofProject(projectId) > 0,
    counts: () => ({ running: active.size, queued: queue.size }),
    async stop(graceMs) {
      stopping = true
      for (const run of active.select({})) engine.stopSoon(run.run_id, 'shutdown')
      const ended = quiet().then(() => true)
      // What waits for the disk ends no step; the next start goes on from what is written.
      if (store.trouble() !== null) return { clean: false }
      // Where nothing runs there is only a turn to wait for, which takes a moment however little patience there is.
      if (await Promise.race([ended, delay(active.size === 0 ? ABORT_MS : graceMs)])) return { clean: true }
      for (const run of active.select({})) engine.cancel(run.run_id, 'shutdown')
      await Promise.race([ended, delay(ABORT_MS)])
      return { clean: false }
    },
  }
}

function delay(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref())
}
