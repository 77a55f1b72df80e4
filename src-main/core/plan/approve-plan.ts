import { eq } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { PlanDocument, PlanProblem } from '#contract/plan.ts'
import { ok, type Result } from '#contract/result.ts'
import type { ProjectState } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint, ReplanFailpoint } from '../failpoint.ts'
import type { MoveProject } from '../project/project-changes.ts'
import { type PlanRow, type ProjectRow, plan as planTable, project as projectTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { ReadyRow } from '../task/task-changes.ts'
import type { ChangePlan } from './change-plan.ts'
import type { Decompose } from './decompose-plan.ts'
import type { HasTasks } from './has-tasks.ts'
import type { QuotedPlan } from './plan-estimates.ts'
import type { PlanOutcomes } from './plan-outcomes.ts'

export interface ApproveParts {
  readonly store: Store
  readonly events: EventLog
  readonly steering: Steering
  readonly moveProject: MoveProject
  readonly decompose: Decompose
  readonly changePlan: ChangePlan
  readonly hasTasks: HasTasks
  readonly outcomes: PlanOutcomes
  readonly failpoint: Failpoint
  readonly replanFailpoint: ReplanFailpoint
}

/** Why a plan was not approved, with nothing changed. */
export type NotApproved =
  /** It, or its project, is in another state by now. */
  | { readonly kind: 'decided' }
  /** It touches tasks that have finished, perhaps since it was proposed. */
  | { readonly kind: 'finished'; readonly problems: readonly PlanProblem[] }

/**
 * Approves a checked plan in one transaction (P6): the first becomes task rows, a later one changes those that are there
 * (P7) and supersedes the version before it. `authorised`: micro-dollars for what is still to be done. Null where it is done.
 */
export type ApprovePlan = (
  plan: PlanRow,
  project: ProjectRow,
  document: PlanDocument,
  quoted: QuotedPlan,
  authorised: number,
) => Promise<NotApproved | null>

/** States in which a changed plan lets a project that stood still, or had ended, go on. A paused one stays paused. */
const SET_GOING: readonly ProjectState[] = ['waiting', 'succeeded', 'failed']
const CHANGEABLE: readonly ProjectState[] = ['executing', 'paused', ...SET_GOING]

export function createApprovePlan(parts: ApproveParts): ApprovePlan {
  const { store, events, steering, moveProject, outcomes } = parts
  const spent = store.sqlite
    .prepare<[string], number>('SELECT settled_micros FROM budget_account WHERE scope = ?')
    .pluck()

  // A call that is stopped may yet be booked in full (B2), which is none of what is estimated.
  const underWay = store.sqlite
    .prepare<[string], number>(
      `SELECT coalesce(sum(amount_micros), 0) FROM reservation
       WHERE state IN ('reserved', 'sent') AND task_id IN (SELECT value FROM json_each(?))`,
    )
    .pluck()

  function settle(
    tx: Tx,
    row: PlanRow,
    { id }: ProjectRow,
    quoted: QuotedPlan,
    authorised: number,
    before?: Parameters<PlanOutcomes['open']>[4],
  ): void {
    tx.orm
      .update(planTable)
      .set({ state: 'approved', estimate: quoted.estimate, decided_at: Date.now() })
      .where(eq(planTable.id, row.id))
      .run()
    tx.orm
      .update(projectTable)
      // The estimate is of the open tasks; what planning and earlier work have cost is not taken from it.
      .set({
        plan_id: row.id,
        authorised_micros: authorised + (spent.get(`project:${id}`) ?? 0),
        updated_at: Date.now(),
      })
      .where(eq(projectTable.id, id))
      .run()
    outcomes.open(tx, row.id, quoted, quoted.stand_in, before)
    events.append(tx, 'plan.state', { project_id: id }, { plan_id: encodeId('plan', row.id), state: 'approved' })
  }

  function first(tx: Tx, row: PlanRow, project: ProjectRow, document: PlanDocument, quoted: QuotedPlan, upTo: number) {
    if (!moveProject(tx, project.id, 'executing', '')) return null
    settle(tx, row, project, quoted, upTo)
    return ok(parts.decompose(tx, { id: row.id, document }, project))
  }

  function change(tx: Tx, row: PlanRow, project: ProjectRow, document: PlanDocument, quoted: QuotedPlan, upTo: number) {
    if (!CHANGEABLE.includes(project.state)) return null
    const changed = parts.changePlan(tx, { id: row.id, version: row.version, document }, project)
    if (!changed.ok) return changed
    const { ready, goOn, stopped } = changed.value
    const allowed = upTo + (underWay.get(JSON.stringify(stopped)) ?? 0)
    const worked = project.working_since === null ? 0 : Math.max(0, Date.now() - project.working_since)
    settle(tx, row, project, quoted, allowed, outcomes.usedBefore(project.id, project.worked_ms + worked, goOn))
    if (project.plan_id !== null) supersede(tx, project.plan_id, project.id)
    if (SET_GOING.includes(project.state)) moveProject(tx, project.id, 'executing', '')
    parts.replanFailpoint('replan-written')
    return ok(ready)
  }

  function supersede(tx: Tx, planId: number, project_id: number): void {
    tx.orm.update(planTable).set({ state: 'superseded' }).where(eq(planTable.id, planId)).run()
    events.append(tx, 'plan.state', { project_id }, { plan_id: encodeId('plan', planId), state: 'superseded' })
  }

  return async (row, { id }, document, quoted, authorised) => {
    let isChange = false
    const done = await store.tryWrite((tx): Result<readonly ReadyRow[], readonly PlanProblem[]> | null => {
      // Read again inside the transaction: two people may press the button at once, and tasks end meanwhile.
      const now = tx.orm.select({ state: planTable.state }).from(planTable).where(eq(planTable.id, row.id)).get()
      const project = tx.orm.select().from(projectTable).where(eq(projectTable.id, id)).get()
      if (now?.state !== 'proposed' || project === undefined) return null
      isChange = parts.hasTasks(id)
      return (isChange ? change : first)(tx, row, project, document, quoted, authorised)
    })
    if (done === null) return { kind: 'decided' }
    if (!done.ok) return { kind: 'finished', problems: done.error }
    if (isChange) parts.replanFailpoint('replan-committed')
    else parts.failpoint('after-plan-approved')
    steering.takeUp(id)
    steering.enqueue(done.value)
    if (isChange) {
      steering.wake(id)
      // What waited for money may have more now.
      steering.retryWaiting('budget')
    }
    return null
  }
}
