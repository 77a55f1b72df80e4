import { and, asc, desc, eq } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import type { CurrentPlan, Plan, PlanDocument, PlanProblem } from '#contract/plan.ts'
import type { Project } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import type { ProjectState } from '#contract/states.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Router } from '../model/router.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type PlanRow, type ProjectRow, plan as planTable, project as projectTable } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { ApprovePlan } from './approve-plan.ts'
import { checkPlan } from './check-plan.ts'
import { readCurrentPlan, type StandingPlan } from './current-plan.ts'
import type { HasTasks } from './has-tasks.ts'
import { changeOf, openPart } from './plan-change.ts'
import { createPlanComments, revisionNote } from './plan-comments.ts'
import type { EstimatePlan, QuotedPlan } from './plan-estimates.ts'
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
  readonly approvePlan: ApprovePlan
  readonly hasTasks: HasTasks
  readonly estimate: EstimatePlan
  readonly outcomes: PlanOutcomes
  readonly projects: ProjectView
  /** Tools that plans of a project may ask for. */
  tools(projectId: number): readonly string[]
}

/** Plans: make, read, edit, decide (P2, P5, P6). */
export interface PlanService {
  readonly plans: Core['plans']
  /** The approved plan as its tasks are now (P7). */
  current(id: string): Result<CurrentPlan, Refusal>
  /** Starts a planning run; `note` is what a revision should heed. */
  start(id: string, note: string): Promise<Result<Project, Refusal>>
  ofProject(projectId: number): Plan[]
  add(id: string, document: unknown, source: 'user' | 'file', note: string): Promise<Result<Plan, Refusal>>
}

export function createPlanService(parts: PlanParts): PlanService {
  const { store, events, settings, router, steering, moveProject, projects, hasTasks } = parts
  const { orm } = store
  const comments = createPlanComments(store, events)

  function view(row: PlanRow, project: ProjectRow): Plan {
    return {
      id: encodeId('plan', row.id),
      project_id: encodeId('project', row.project_id),
      version: row.version,
      state: row.state,
      source: row.source,
      document: row.document,
      repairs: row.repairs,
      estimate: row.estimate ?? quote(row.document, project).estimate,
      actual: parts.outcomes.actual(row.id),
      note: row.note,
      comments: comments.of(row.id),
      created_at: toTimestamp(row.created_at),
      decided_at: toTimestampOrNull(row.decided_at),
    }
  }

  /** Of a plan whose tasks go on already, what is still to be done of them. */
  function quote(document: PlanDocument, project: ProjectRow): QuotedPlan {
    return parts.estimate(openPart(standing(project), document), project)
  }

  const standing = (project: ProjectRow): StandingPlan | null =>
    hasTasks(project.id) ? readCurrentPlan(store, project) : null

  function find(id: string): Result<{ row: PlanRow; project: ProjectRow; projectId: string }, Refusal> {
    const key = decodeId('plan', id)
    const row = key === null ? undefined : orm.select().from(planTable).where(eq(planTable.id, key)).get()
    if (row === undefined) return refuse('not_found', `There is no plan ${id}.`)
    const projectId = encodeId('project', row.project_id)
    const project = projects.row(projectId)
    return project.ok ? ok({ row, project: project.value, projectId }) : project
  }

  /** What is wrong with a document, also against what has finished of the approved plan. */
  function check(document: unknown, project: ProjectRow): ReturnType<typeof checkPlan> {
    const { document: plan, problems } = checkPlan(document, { tools: parts.tools(project.id) })
    const current = plan === null ? null : standing(project)
    if (plan === null || current === null) return { document: plan, problems }
    return { document: plan, problems: [...problems, ...changeOf(current, plan).problems] }
  }

  function checked(document: unknown, project: ProjectRow): Result<PlanDocument, Refusal> {
    const { document: plan, problems } = check(document, project)
    return plan !== null && problems.length === 0 ? ok(plan) : refuse('bad_request', unusable(problems), { problems })
  }

  async function add(
    id: string,
    document: unknown,
    source: 'user' | 'file',
    note: string,
    edited: { row: PlanRow; was: Readonly<Record<string, string | null>> } | null = null,
  ): Promise<Result<Plan, Refusal>> {
    const project = projects.row(id)
    if (!project.ok) return project
    const closed = whyClosed(project.value)
    if (closed !== null) return refuse('conflict', closed)
    const plan = checked(document, project.value)
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
      if (edited !== null) comments.carry(tx, edited.row.id, proposed, edited.was)
      if (!hasTasks(project.value.id)) moveProject(tx, project.value.id, 'awaiting_approval', '')
      return proposed
    })
    return row === null ? refuse('conflict', DECIDED_MEANWHILE) : ok(view(row, project.value))
  }

  /** Whether the project's plan can still be changed or made anew. */
  function isOpen(tx: Tx, projectId: number): boolean {
    const row = tx.orm.select().from(projectTable).where(eq(projectTable.id, projectId)).get()
    return row !== undefined && whyClosed(row) === null
  }

  /** Why the plan of a project cannot be changed now; null where it can. */
  function whyClosed({ id, state, constraints }: ProjectRow): string | null {
    if (constraints !== null) return 'A free prompt has no plan that could be changed. Ask anew, or create a project.'
    const states = hasTasks(id) ? GOING_STATES : OPEN_STATES
    return states.includes(state) ? null : `The project is ${words(state)}; its plan cannot be changed now.`
  }

  const planning = store.sqlite
    .prepare<[number], number>(
      `SELECT 1 FROM run WHERE project_id = ? AND task_id IS NULL AND kind = 'plan'
         AND state IN ('queued', 'running', 'waiting') LIMIT 1`,
    )
    .pluck()
  const isPlanning = (projectId: number): boolean => planning.get(projectId) !== undefined

  async function start(id: string, note: string): Promise<Result<Project, Refusal>> {
    const found = projects.row(id)
    if (!found.ok) return found
    const project = found.value
    const closed = whyClosed(project)
    if (closed !== null) return refuse('conflict', closed)
    if (hasTasks(project.id) && isPlanning(project.id))
      return refuse('conflict', 'A new version of the plan is being written already. Wait for it.')
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
      if (!isOpen(tx, project.id)) return false
      // What is carried out goes on meanwhile (P7).
      if (hasTasks(project.id) ? isPlanning(project.id) : !moveProject(tx, project.id, 'planning', '')) return false
      steering.startProjectRun(tx, 'plan', project.id, route, note)
      return true
    })
    if (!started) return refuse('conflict', DECIDED_MEANWHILE)
    if (hasTasks(project.id)) steering.takeUp(project.id)
    return projects.get(id)
  }

  return {
    start,
    current(id) {
      const found = projects.row(id)
      if (!found.ok) return found
      const current = standing(found.value)
      if (current === null) return refuse('conflict', 'No plan of this project was approved yet.')
      const { plan_id, document, tasks } = current
      return ok({
        plan_id: encodeId('plan', plan_id),
        document,
        tasks: tasks.map(({ row }) => ({ key: row.key, task_id: encodeId('task', row.id), state: row.state })),
      })
    },
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
        const { document: plan, problems } = check(document, found.value.project)
        const usable = plan !== null && problems.length === 0
        return ok({
          document: plan,
          problems,
          estimate: usable ? quote(plan, found.value.project).estimate : null,
        })
      },
      async edit(id, document, note, was = {}) {
        const found = find(id)
        if (!found.ok) return found
        return add(found.value.projectId, document, 'user', note, { row: found.value.row, was })
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
        const closed = hasTasks(project.id) ? whyClosed(project) : null
        if (closed !== null) return refuse('conflict', closed)
        const { document, problems } = check(row.document, project)
        if (document === null || problems.length > 0) return refuse('conflict', unusable(problems), { problems })
        const quoted = quote(document, project)
        const authorised = authoriseMicros ?? quoted.estimate.upper_micros
        const refused = await parts.approvePlan(row, project, document, quoted, authorised)
        if (refused === null) return projects.get(projectId)
        if (refused.kind === 'finished')
          return refuse('conflict', unusable(refused.problems), { problems: refused.problems })
        const now = projects.row(projectId)
        const state = now.ok ? now.value.state : project.state
        return refuse(
          'conflict',
          state === 'awaiting_approval' || state === 'executing'
            ? DECIDED_MEANWHILE
            : `The project is ${words(state)}; its plan cannot be approved now.`,
        )
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
      async comment(id, task, text, author) {
        const found = find(id)
        if (!found.ok) return found
        const { row, project } = found.value
        const added = await comments.add(row, { task, text, author })
        return added.ok ? ok(view(row, project)) : added
      },
      async uncomment(id, commentId) {
        const found = find(id)
        if (!found.ok) return found
        const { row, project } = found.value
        const removed = await comments.remove(row, commentId)
        return removed.ok ? ok(view(row, project)) : removed
      },
      async revise(id, note) {
        const found = find(id)
        if (!found.ok) return found
        const { row, projectId } = found.value
        const told = revisionNote(note, row, comments.of(row.id))
        if (told === '')
          return refuse(
            'bad_request',
            'Nothing says what should be different. Give a note, or comment on a task first.',
          )
        return start(projectId, told)
      },
    },
  }
}

/** States of a project of which nothing was approved in which its plan can be changed or made anew. */
const OPEN_STATES: readonly ProjectState[] = ['draft', 'awaiting_approval', 'failed']
const DECIDED_MEANWHILE = 'The plan was decided or changed by somebody else in the meantime. Look at it again.'

/** States in which the plan of a project that is, or was, carried out can be changed (P7). */
const GOING_STATES: readonly ProjectState[] = ['executing', 'paused', 'waiting', 'succeeded', 'failed']

function unusable(problems: readonly PlanProblem[]): string {
  const first = problems[0]?.message ?? 'Its shape is wrong.'
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return `The plan cannot be used: ${first}${more}`
}

/** A state as it reads in a sentence. */
function words(state: string): string {
  return state.replaceAll('_', ' ')
}
