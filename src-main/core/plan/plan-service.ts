import { and, asc, desc, eq } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import type { Plan, PlanDocument } from '#contract/plan.ts'
import type { Project } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import type { ProjectState } from '#contract/states.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint } from '../failpoint.ts'
import type { Router } from '../model/router.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type PlanRow, type ProjectRow, plan as planTable, project as projectTable } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { ReadyRow } from '../task/task-changes.ts'
import { checkPlan } from './check-plan.ts'
import type { Decompose } from './decompose-plan.ts'
import type { EstimatePlan } from './plan-estimates.ts'
import type { PlanOutcomes } from './plan-outcomes.ts'
import type { ProposePlan } from './propose-plan.ts'

export interface PlanParts {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly router: Router
  readonly steering: Steering
  readonly moveProject: MoveProject
  readonly proposePlan: ProposePlan
  readonly decompose: Decompose
  readonly estimate: EstimatePlan
  readonly outcomes: PlanOutcomes
  readonly projects: ProjectView
  /** Tools that plans of a project may ask for. */
  tools(projectId: number): readonly string[]
  readonly failpoint: Failpoint
}

/** Plans: make, read, edit, decide (P2, P5, P6). */
export interface PlanService {
  readonly plans: Core['plans']
  /** Starts a planning run; `note` is what a revision should heed. */
  start(id: string, note: string): Promise<Result<Project, Refusal>>
  ofProject(projectId: number): Plan[]
  add(id: string, document: unknown, source: 'user' | 'file', note: string): Promise<Result<Plan, Refusal>>
}

export function createPlanService(parts: PlanParts): PlanService {
  const { store, events, settings, router, steering, moveProject, projects } = parts
  const { orm } = store

  function view(row: PlanRow, project: ProjectRow): Plan {
    return {
      id: encodeId('plan', row.id),
      project_id: encodeId('project', row.project_id),
      version: row.version,
      state: row.state,
      source: row.source,
      document: row.document,
      repairs: row.repairs,
      estimate: row.estimate ?? parts.estimate(row.document, project).estimate,
      actual: parts.outcomes.actual(row.id),
      note: row.note,
      created_at: toTimestamp(row.created_at),
      decided_at: toTimestampOrNull(row.decided_at),
    }
  }

  function find(id: string): Result<{ row: PlanRow; project: ProjectRow; projectId: string }, Refusal> {
    const key = decodeId('plan', id)
    const row = key === null ? undefined : orm.select().from(planTable).where(eq(planTable.id, key)).get()
    if (row === undefined) return refuse('not_found', `There is no plan ${id}.`)
    const projectId = encodeId('project', row.project_id)
    const project = projects.row(projectId)
    return project.ok ? ok({ row, project: project.value, projectId }) : project
  }

  function checked(document: unknown, projectId: number): Result<PlanDocument, Refusal> {
    const { document: plan, problems } = checkPlan(document, { tools: parts.tools(projectId) })
    if (plan !== null && problems.length === 0) return ok(plan)
    const first = problems[0]?.message ?? 'Its shape is wrong.'
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    return refuse('bad_request', `The plan cannot be used: ${first}${more}`, { problems })
  }

  async function add(
    id: string,
    document: unknown,
    source: 'user' | 'file',
    note: string,
  ): Promise<Result<Plan, Refusal>> {
    const project = projects.row(id)
    if (!project.ok) return project
    if (!OPEN_STATES.includes(project.value.state)) {
      return refuse('conflict', `The project is ${words(project.value.state)}; its plan cannot be changed now.`)
    }
    if (hasTasks(project.value.id)) {
      return refuse(
        'conflict',
        'An approved plan of this project was already carried out. Start a new project for a new plan.',
      )
    }
    const plan = checked(document, project.value.id)
    if (!plan.ok) return plan
    const row = await store.tryWrite((tx) => {
      // Asked again inside the transaction: an approval may have come first.
      if (!isOpen(tx, project.value.id)) return null
      const proposed = parts.proposePlan(tx, {
        project_id: project.value.id,
        source,
        document: plan.value,
        repairs: [],
        note,
      })
      moveProject(tx, project.value.id, 'awaiting_approval', '')
      return proposed
    })
    return row === null ? refuse('conflict', DECIDED_MEANWHILE) : ok(view(row, project.value))
  }

  /** Whether the project's plan can still be changed or made anew. */
  function isOpen(tx: Tx, projectId: number): boolean {
    const row = tx.orm
      .select({ state: projectTable.state })
      .from(projectTable)
      .where(eq(projectTable.id, projectId))
      .get()
    return row !== undefined && OPEN_STATES.includes(row.state) && !hasTasks(projectId)
  }

  const spent = store.sqlite
    .prepare<[string], number>('SELECT settled_micros FROM budget_account WHERE scope = ?')
    .pluck()
  const taskCount = store.sqlite.prepare<[number], number>('SELECT count(*) FROM task WHERE project_id = ?').pluck()
  const hasTasks = (projectId: number): boolean => (taskCount.get(projectId) ?? 0) > 0

  async function start(id: string, note: string): Promise<Result<Project, Refusal>> {
    const found = projects.row(id)
    if (!found.ok) return found
    const project = found.value
    if (!OPEN_STATES.includes(project.state)) {
      return refuse('conflict', `The project is ${words(project.state)}; it cannot be planned now.`)
    }
    if (hasTasks(project.id)) {
      return refuse('conflict', 'This project has an approved plan already. Retry its tasks, or start a new project.')
    }
    const route = router.route({
      type: 'planning',
      complexity: 'complex',
      tier: settings.settings().planner_tier,
      profile: project.profile,
      local_only: project.local_only,
    })
    if (!route.ok)
      return refuse('unavailable', `Nothing can plan this project. ${route.message}`, { wants: route.wants })
    const started = await store.tryWrite((tx) => {
      if (!isOpen(tx, project.id) || !moveProject(tx, project.id, 'planning', '')) return false
      steering.startProjectRun(tx, 'plan', project.id, route, note)
      return true
    })
    return started ? projects.get(id) : refuse('conflict', DECIDED_MEANWHILE)
  }

  return {
    start,
    add,
    ofProject(projectId) {
      const project = orm.select().from(projectTable).where(eq(projectTable.id, projectId)).get()
      if (project === undefined) return []
      return orm
        .select()
        .from(planTable)
        .where(eq(planTable.project_id, projectId))
        .orderBy(desc(planTable.version), asc(planTable.id))
        .all()
        .map((row) => view(row, project))
    },
    plans: {
      get(id) {
        const found = find(id)
        return found.ok ? ok(view(found.value.row, found.value.project)) : found
      },
      check(id, document) {
        const found = find(id)
        if (!found.ok) return found
        const { document: plan, problems } = checkPlan(document, { tools: parts.tools(found.value.project.id) })
        const usable = plan !== null && problems.length === 0
        return ok({
          document: plan,
          problems,
          estimate: usable ? parts.estimate(plan, found.value.project).estimate : null,
        })
      },
      async edit(id, document, note) {
        const found = find(id)
        if (!found.ok) return found
        return add(found.value.projectId, document, 'user', note)
      },
      async approve(id, authoriseMicros) {
        const found = find(id)
        if (!found.ok) return found
        const { row, project, projectId } = found.value
        if (row.state !== 'proposed') {
          return refuse(
            'conflict',
            `Version ${row.version} of the plan is ${row.state}; only a proposed version can be approved.`,
          )
        }
        const plan = checked(row.document, row.project_id)
        if (!plan.ok) return plan
        const quoted = parts.estimate(plan.value, project)
        const { estimate } = quoted
        const authorised = authoriseMicros ?? estimate.upper_micros
        const ready = await store.tryWrite((tx): ReadyRow[] | null => {
          // Read again inside the transaction: two people may press the button at once.
          const now = tx.orm.select({ state: planTable.state }).from(planTable).where(eq(planTable.id, row.id)).get()
          if (now?.state !== 'proposed' || !moveProject(tx, project.id, 'executing', '')) return null
          tx.orm
            .update(planTable)
            .set({ state: 'approved', estimate, decided_at: Date.now() })
            .where(eq(planTable.id, row.id))
            .run()
          tx.orm
            .update(projectTable)
            // The estimate is of the tasks; what the planning itself has cost is not taken from it.
            .set({ plan_id: row.id, authorised_micros: authorised + (spent.get(`project:${project.id}`) ?? 0) })
            .where(eq(projectTable.id, project.id))
            .run()
          parts.outcomes.open(tx, row.id, quoted, quoted.stand_in)
          events.append(tx, 'plan.state', { project_id: project.id }, { plan_id: id, state: 'approved' })
          return parts.decompose(tx, { id: row.id, document: plan.value }, project)
        })
        if (ready === null) {
          const now = projects.row(projectId)
          const state = now.ok ? now.value.state : project.state
          return refuse(
            'conflict',
            state === 'awaiting_approval' || state === 'executing'
              ? DECIDED_MEANWHILE
              : `The project is ${words(state)}; its plan cannot be approved now.`,
          )
        }
        parts.failpoint('after-plan-approved')
        steering.takeUp(project.id)
        steering.enqueue(ready)
        return projects.get(projectId)
      },
      async reject(id, note) {
        const found = find(id)
        if (!found.ok) return found
        const { row, project, projectId } = found.value
        if (row.state !== 'proposed')
          return refuse('conflict', `Version ${row.version} of the plan is already ${row.state}.`)
        const rejected = await store.tryWrite((tx) => {
          const { changes } = tx.orm
            .update(planTable)
            .set({ state: 'rejected', decided_at: Date.now(), note: note || row.note })
            .where(and(eq(planTable.id, row.id), eq(planTable.state, 'proposed')))
            .run()
          if (changes === 0) return false
          events.append(tx, 'plan.state', { project_id: project.id }, { plan_id: id, state: 'rejected' })
          moveProject(tx, project.id, 'draft', note)
          return true
        })
        return rejected ? projects.get(projectId) : refuse('conflict', DECIDED_MEANWHILE)
      },
      async revise(id, note) {
        const found = find(id)
        return found.ok ? start(found.value.projectId, note) : found
      },
    },
  }
}

/** States of a project in which its plan can be changed or made anew. */
const OPEN_STATES: readonly ProjectState[] = ['draft', 'awaiting_approval', 'failed']
const DECIDED_MEANWHILE = 'The plan was decided or changed by somebody else in the meantime. Look at it again.'

/** A state as it reads in a sentence. */
function words(state: string): string {
  return state.replaceAll('_', ' ')
}
