import { eq } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import { constraintsOf, type NewRun } from '#contract/new-run.ts'
import { ok, type Result } from '#contract/result.ts'
import type { RunDetail } from '#contract/run.ts'
import type { RunState } from '#contract/states.ts'
import type { Task } from '#contract/task.ts'
import type { Core } from '../core.ts'
import type { Decompose } from '../plan/decompose-plan.ts'
import { provisionalName } from '../plan/propose-plan.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { CreateFilled } from '../project/project-service.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { plan as planTable, project as projectTable } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import type { ReadyRow } from '../task/task-changes.ts'
import type { TaskView } from '../task/task-view.ts'
import { promptPlan } from './prompt-phases.ts'
import type { RunChanges } from './run-changes.ts'
import type { RunView } from './run-view.ts'

export interface FreeRunParts {
  readonly store: Store
  readonly settings: SettingsStore
  readonly runs: RunChanges
  readonly runView: RunView
  readonly taskView: TaskView
  readonly projectView: ProjectView
  readonly steering: Steering
  readonly moveProject: MoveProject
  readonly decompose: Decompose
  readonly createProject: CreateFilled
  readonly cancelProject: Core['projects']['cancel']
  readonly cancelTask: Core['tasks']['cancel']
  /** Where the spending of a project stops. */
  limitOf(projectId: number): number | null
}

/** Key of the one task as which a free prompt is carried out. */
const KEY = 'prompt'
/** Characters of a prompt and an answer in a list. */
const LISTED = 300
const ENDED: readonly RunState[] = ['succeeded', 'failed', 'cancelled']

type Accepted = { run_id: string; status: 'accepted' }

/** Has a prompt carried out; `begun` is told its run inside the change that makes it. */
export type BeginFreeRun = (
  input: NewRun,
  how: { readonly priority: number; begun(tx: Tx, of: { readonly run_id: number }): void },
) => Promise<Result<Accepted, Refusal>>

/** Free prompts (G6), and runs as whoever holds their number sees them. */
export function createFreeRuns(
  parts: FreeRunParts,
): Pick<Core['runs'], 'create' | 'list' | 'get' | 'cancel'> & { readonly begin: BeginFreeRun } {
  const { store, runView, taskView, projectView } = parts
  const filesOf = store.sqlite
    .prepare<[number], string>(
      'SELECT DISTINCT f.value FROM step s, json_each(s.files_changed) f WHERE s.run_id = ? ORDER BY 1',
    )
    .pluck()
  const listed = store.sqlite.prepare<
    { before: number; owner: string | null; limit: number },
    { id: number; run_id: number }
  >(
    `SELECT p.id, t.run_id FROM project p JOIN task t ON t.project_id = p.id
     WHERE p.constraints IS NOT NULL AND p.id < @before AND (@owner IS NULL OR p.owner = @owner) AND t.run_id IS NOT NULL
     ORDER BY p.id DESC LIMIT @limit`,
  )

  function get(id: string): Result<RunDetail, Refusal> {
    const found = runView.get(id)
    if (!found.ok) return found
    const run = found.value
    const row = projectView.row(run.project_id)
    if (!row.ok) return row
    const project = row.value
    const task = taskOf(run.task_id)
    // An earlier attempt's task says nothing of it any more.
    const current = task?.run_id === run.id ? task : null
    const isOpen = !ENDED.includes(run.state)
    const isPrompt = project.constraints !== null
    return ok({
      ...run,
      reason: isOpen ? whyOpen(project, current, run.reason) : run.reason,
      status: run.state,
      title: isPrompt ? project.name : (task?.title ?? project.name),
      prompt: isPrompt ? project.requirements : null,
      constraints: project.constraints,
      answer: run.state === 'succeeded' ? (current?.output ?? null) : null,
      artifacts: filesOf.all(decodeId('run', run.id) ?? -1),
      waiting_on: isOpen ? (current?.waiting_on ?? null) : null,
      limit_micros: parts.limitOf(project.id),
    })
  }

  function taskOf(id: string | null): Task | null {
    const found = id === null ? null : taskView.get(id)
    return found?.ok === true ? found.value : null
  }

  async function begin(input: NewRun, how: Parameters<BeginFreeRun>[1]): ReturnType<BeginFreeRun> {
    const { prompt, budget_usd_cents, profile, local_only } = input
    let begun: { readonly ready: readonly ReadyRow[]; readonly project_id: number; readonly run_id: number } | null =
      null
    const tier = parts.settings.settings().planner_tier
    const made = await parts.createProject(
      {
        requirements: prompt,
        attachments: [],
        local_only,
        can_wait: false,
        priority: how.priority,
        ...(profile === undefined ? {} : { profile }),
        ...(budget_usd_cents === undefined ? {} : { budget_micros: budget_usd_cents * 10_000 }),
      },
      {
        constraints: constraintsOf(input),
        fill(tx, project) {
          const document = promptPlan(KEY, {
            ...{ title: provisionalName(prompt), description: '', type: 'planning', complexity: 'simple', tier },
            ...{ tools: [], artifacts: [], acceptance: [] },
          })
          const now = Date.now()
          // Who asks has said what is to be done and what it may cost: that is the approval.
          const plan = tx.orm
            .insert(planTable)
            .values({
              ...{ project_id: project.id, version: 1, state: 'approved', source: 'user', document, repairs: [] },
              ...{ created_at: now, decided_at: now },
            })
            .returning({ id: planTable.id })
            .get()
          tx.orm.update(projectTable).set({ plan_id: plan.id }).where(eq(projectTable.id, project.id)).run()
          parts.moveProject(tx, project.id, 'executing', '')
          const ready = parts.decompose(tx, { id: plan.id, document }, project)
          const task_id = ready[0]?.id
          if (task_id === undefined) throw new Error('The one task of a free prompt is not ready')
          const run_id = parts.runs.queue(tx, { project_id: project.id, task_id })
          begun = { ready, project_id: project.id, run_id }
          how.begun(tx, { run_id })
        },
      },
    )
    if (!made.ok) return made
    return ok(accepted(begun))
  }

  return {
    get,
    list({ limit, cursor }, owner = null) {
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : (decodeId('project', cursor) ?? 0)
      const rows = listed.all({ before, owner, limit: limit + 1 })
      const last = rows[limit - 1]
      const items = rows.slice(0, limit).flatMap(({ run_id }) => {
        const found = get(encodeId('run', run_id))
        if (!found.ok) return []
        const { prompt, answer, ...rest } = found.value
        return [{ ...rest, prompt: prompt?.slice(0, LISTED) ?? null, answer: answer?.slice(0, LISTED) ?? null }]
      })
      const isMore = rows.length > limit && last !== undefined
      return { items, next_cursor: isMore ? encodeId('project', last.id) : null }
    },
    begin,
    create: (input) => begin(input, { priority: 1, begun: () => undefined }),
    async cancel(id) {
      const found = get(id)
      if (!found.ok) return found
      const { state, project_id, task_id, prompt } = found.value
      if (ENDED.includes(state)) return refuse('conflict', `The run is ${state} already.`)
      if (task_id === null) {
        return refuse('conflict', `The run belongs to the whole project ${project_id}. Cancel that to end it.`)
      }
      const cancelled = prompt === null ? await parts.cancelTask(task_id) : await parts.cancelProject(project_id)
      return cancelled.ok ? get(id) : cancelled
    },
  }

  function accepted(
    begun: { readonly ready: readonly ReadyRow[]; readonly project_id: number; readonly run_id: number } | null,
  ): Accepted {
    if (begun === null) throw new Error('A free prompt was made without a run')
    parts.steering.takeUp(begun.project_id)
    parts.steering.enqueue(begun.ready)
    return { run_id: encodeId('run', begun.run_id), status: 'accepted' }
  }
}

function whyOpen(project: { state: string; reason: string }, task: Task | null, reason: string): string {
  if (project.state === 'paused') return project.reason
  return task === null || task.reason === '' ? reason : task.reason
}
