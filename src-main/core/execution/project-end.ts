import { eq } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { PlanDocument, PlanRepair } from '#contract/plan.ts'
import type { ProjectResult } from '#contract/project-result.ts'
import type { TaskState } from '#contract/states.ts'
import type { Ledger } from '../budget/ledger.ts'
import type { Route, Router } from '../model/router.ts'
import type { HasTasks } from '../plan/has-tasks.ts'
import type { PlanOutcomes } from '../plan/plan-outcomes.ts'
import type { ProposePlan } from '../plan/propose-plan.ts'
import type { MoveProject } from '../project/project-changes.ts'
import { plan as planTable, project as projectTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { SATISFYING } from '../task/task-states.ts'

/** Decides what becomes of a project in which nothing runs (E6), and writes down how it ended (E9). */
export interface ProjectEnd {
  /**
   * To be asked when none of its tasks runs. Ends the project, or says what it waits for; never leaves it executing where
   * nothing can move. Answers with the route of its closing summary where all tasks are done and a model can write one.
   */
  settle(tx: Tx, projectId: number, readyInQueue: number): Extract<Route, { ok: true }> | null
  /**
   * Ends the project with the result of its closing summary. `by` and `text`: who summed up what; null where Baton lists the
   * facts itself. Not where a person has meanwhile undone or retried a task: then it is to be settled anew.
   */
  finish(tx: Tx, projectId: number, by: string | null, text: string): void
  /** Takes a planner's plan in and asks for approval. */
  propose(tx: Tx, projectId: number, plan: { document: PlanDocument; repairs: readonly PlanRepair[] }): void
}

interface Policy {
  state: string
  profile: string | null
  local_only: number
  is_prompt: number
}

interface EndedProject {
  readonly plan_id: number | null
  readonly worked_ms: number
  readonly working_since: number | null
}

interface UnfinishedTask {
  readonly id: number
  readonly title: string
  readonly state: TaskState
  readonly reason: string
}

const SATISFIED = JSON.stringify(SATISFYING)

export function createProjectEnd(
  store: Store,
  ledger: Ledger,
  router: Router,
  moveProject: MoveProject,
  proposePlan: ProposePlan,
  outcomes: Pick<PlanOutcomes, 'settle' | 'shown'>,
  hasTasks: HasTasks,
): ProjectEnd {
  const { sqlite, orm } = store
  const counts = sqlite.prepare<[number], { state: TaskState; held: number; n: number }>(
    'SELECT state, held, count(*) AS n FROM task WHERE project_id = ? GROUP BY state, held',
  )
  // Money before services before the rest: the reason that a person can do something about comes first. What a person has
  // paused waits for them alone.
  const firstWaiting = sqlite.prepare<[number], { waiting_on: string; reason: string }>(
    `SELECT waiting_on, reason FROM task WHERE project_id = ? AND state = 'waiting' AND held = 0
     ORDER BY CASE waiting_on WHEN 'budget' THEN 0 WHEN 'resource' THEN 1 WHEN 'approval' THEN 2 WHEN 'batch' THEN 4 ELSE 3 END, id LIMIT 1`,
  )
  const policyOf = sqlite.prepare<[number], Policy>(
    "SELECT state, profile, local_only, constraints IS NOT NULL AS is_prompt FROM project WHERE id = ? AND state IN ('executing', 'waiting')",
  )
  const answerOf = sqlite.prepare<[number], { profile: string | null; output: string }>(
    'SELECT r.profile, t.output FROM task t LEFT JOIN run r ON r.id = t.run_id WHERE t.project_id = ? ORDER BY t.id LIMIT 1',
  )
  const openRun = sqlite
    .prepare<[number], number>(
      // A change of the plan that is being written keeps nobody from ending (P7).
      `SELECT count(*) FROM run r WHERE project_id = ? AND task_id IS NULL AND state IN ('queued', 'running', 'waiting')
         AND (kind <> 'plan' OR NOT EXISTS (SELECT 1 FROM task WHERE project_id = r.project_id))`,
    )
    .pluck()

  /** Tasks that a change of the plan removed: they were cancelled, and the project does without them. */
  const removed = sqlite
    .prepare<[number], number>(
      `SELECT count(*) FROM task t JOIN project p ON p.id = t.project_id
       WHERE t.project_id = ? AND t.state = 'cancelled' AND t.plan_id <> p.plan_id`,
    )
    .pluck()
  const undone = sqlite
    .prepare<[number, string], number>(
      `SELECT count(*) FROM task t JOIN project p ON p.id = t.project_id
       WHERE t.project_id = ? AND t.plan_id = p.plan_id AND t.state NOT IN (SELECT value FROM json_each(?))`,
    )
    .pluck()

  const ended = sqlite.prepare<[number], EndedProject>(
    'SELECT plan_id, worked_ms, working_since FROM project WHERE id = ?',
  )
  // Of the plan that is carried out: a change of it leaves tasks of those before (P7).
  const total = sqlite
    .prepare<[number, number | null], number>(
      'SELECT count(*) FROM task WHERE project_id = ? AND plan_id IS coalesce(?, plan_id)',
    )
    .pluck()
  const unfinished = sqlite.prepare<[number, number | null], UnfinishedTask>(
    `SELECT id, title, state, reason FROM task
     WHERE project_id = ? AND plan_id IS coalesce(?, plan_id) AND state <> 'succeeded' ORDER BY position`,
  )

  function settle(tx: Tx, id: number, readyInQueue: number): Extract<Route, { ok: true }> | null {
    const project = policyOf.get(id)
    if (project === undefined || (openRun.get(id) ?? 0) > 0) return null
    const isWorking = (): null => {
      if (project.state === 'waiting') moveProject(tx, id, 'executing', '')
      return null
    }
    // Asked in nearly every turn of a big graph, so before anything is counted.
    if (readyInQueue > 0) return isWorking()
    const rows = counts.all(id)
    // Nothing was approved yet, so there is nothing that could be done.
    if (rows.length === 0) return null
    const count = (state: TaskState): number => rows.filter((r) => r.state === state).reduce((sum, r) => sum + r.n, 0)
    const held = rows
      .filter((r) => r.held === 1 && ['ready', 'waiting'].includes(r.state))
      .reduce((sum, r) => sum + r.n, 0)

    if (count('running') > 0) return isWorking()
    const waiting = count('waiting') === 0 ? undefined : firstWaiting.get(id)
    if (waiting !== undefined) {
      // A retry heals by itself within a minute: not worth alarming anybody.
      if (waiting.waiting_on !== 'retry') moveProject(tx, id, 'waiting', waiting.reason)
      return null
    }
    if (held > 0) {
      moveProject(tx, id, 'waiting', held === 1 ? 'One task is paused by you.' : `${held} tasks are paused by you.`)
      return null
    }
    if (count('ready') > 0) return null
    const gone = count('cancelled') === 0 ? 0 : (removed.get(id) ?? 0)
    const total = rows.reduce((sum, r) => sum + r.n, 0) - gone
    const satisfied = SATISFYING.reduce((sum, state) => sum + count(state), 0)
    const answer = project.is_prompt === 1 ? answerOf.get(id) : undefined
    if (answer !== undefined) {
      // The answer to a free prompt needs nobody to sum it up.
      end(tx, id, answer.output === '' ? null : answer.profile, answer.output)
      return null
    }
    if (satisfied === total) {
      const route = router.route({
        type: 'writing',
        complexity: 'simple',
        tier: null,
        profile: project.profile,
        local_only: project.local_only === 1,
      })
      if (route.ok) return route
    }
    end(tx, id, null, '')
    return null
  }

  /** What the plan was estimated to need at most; 0 where it was not. */
  function estimatedHigh(planId: number | null): { high_micros: number; high_ms: number } {
    const none = { high_micros: 0, high_ms: 0 }
    if (planId === null) return none
    const shown = outcomes.shown(planId)
    if (shown !== null) return shown
    const plan = orm.select({ estimate: planTable.estimate }).from(planTable).where(eq(planTable.id, planId)).get()
    return plan?.estimate ?? none
  }

  function end(tx: Tx, id: number, by: string | null, text: string): void {
    const project = ended.get(id)
    if (project === undefined) return
    const notDone = unfinished.all(id, project.plan_id)
    const all = total.get(id, project.plan_id) ?? 0
    const failed = notDone.filter((task) => !SATISFYING.includes(task.state))
    const worked_ms = project.worked_ms + Math.max(0, Date.now() - (project.working_since ?? Date.now()))
    const { high_micros, high_ms } = estimatedHigh(project.plan_id)
    const result: ProjectResult = {
      summary: text === '' ? factualSummary(all - notDone.length, all) : text,
      summary_by: by,
      not_done: notDone.map((task) => ({
        task_id: encodeId('task', task.id),
        title: task.title,
        state: task.state,
        reason: task.reason,
      })),
      cost_micros: ledger.account(`project:${id}`).settled_micros,
      estimated_high_micros: high_micros,
      elapsed_ms: worked_ms,
      estimated_high_ms: high_ms,
    }
    if (project.plan_id !== null) outcomes.settle(tx, project.plan_id, id, notDone.length === 0 ? worked_ms : null)
    tx.orm.update(projectTable).set({ result }).where(eq(projectTable.id, id)).run()
    if (failed.length === 0) moveProject(tx, id, 'succeeded', '')
    else moveProject(tx, id, 'failed', failureReason(failed, all))
  }

  return {
    settle,
    finish(tx, id, by, text) {
      if (undone.get(id, SATISFIED) === 0) end(tx, id, by, text)
    },
    propose(tx, projectId, { document, repairs }) {
      proposePlan(tx, { project_id: projectId, source: 'model', document, repairs, note: '' })
      if (!hasTasks(projectId)) moveProject(tx, projectId, 'awaiting_approval', '')
    },
  }
}

function factualSummary(done: number, total: number): string {
  return `${done} of ${total} tasks are done. No model summed this up; the tasks tell what each of them did.`
}

function failureReason(failed: readonly { title: string; state: TaskState; reason: string }[], total: number): string {
  const cause = failed.find((task) => task.state === 'failed') ?? failed.find((task) => task.state === 'cancelled')
  const count = failed.length === 1 ? 'One task' : `${failed.length} tasks`
  if (cause === undefined)
    return `${count} of ${total} cannot start: they wait for each other. Replan, or skip one of them.`
  return `${count} of ${total} did not get done. "${cause.title}": ${cause.reason}`
}
