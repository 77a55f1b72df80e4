import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import type { Project, Replan } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import { type PlanState, type RunState, type TaskState, taskState, type WaitingOn } from '#contract/states.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Page, PageRequest } from '../core.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import { remembered } from '../store/remembered.ts'
import { attachment, type ProjectRow, project as projectTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

/** Projects as everybody sees them. */
export interface ProjectView {
  /** The same object, frozen, until something of it has changed. */
  get(id: string): Result<Project, Refusal>
  /** The row behind a public id. */
  row(id: string): Result<ProjectRow, Refusal>
  /** Newest first. */
  list(page: PageRequest, owner?: string | null): Page<Project>
}

/** Projects whose rows are remembered, at most; each holds its requirements. */
const MOST_ROWS = 100

/**
 * How many tasks of a project are in each state, and what the most pressing one that waits waits for. What a person has
 * paused waits for them alone.
 */
interface Tasks {
  readonly counts: Record<TaskState, number>
  readonly waiting_on: WaitingOn | null
}

/** `limitOf`: where the spending of a project stops now, in micro-dollars. */
export function createProjectView(store: Store, limitOf: (projectId: number) => number | null): ProjectView {
  const { orm, sqlite } = store
  // The pluses keep SQLite from planning anew each time, as `steady` says.
  const counts = sqlite.prepare<[number], { state: TaskState; n: number }>(
    'SELECT state, count(*) AS n FROM task WHERE project_id = +? GROUP BY state',
  )
  // In the order in which a project says why it waits: what a person can do something about comes first.
  const waitsFor = sqlite
    .prepare<[number], WaitingOn>(
      `SELECT waiting_on FROM task WHERE project_id = +? AND state = 'waiting' AND held = 0
       ORDER BY CASE waiting_on WHEN 'budget' THEN 0 WHEN 'resource' THEN 1 WHEN 'approval' THEN 2 WHEN 'batch' THEN 4 ELSE 3 END, id LIMIT 1`,
    )
    .pluck()
  const tasksOf = remembered(store, ['task'], (projectId): Tasks => {
    const none = Object.fromEntries(taskState.options.map((state) => [state, 0])) as Record<TaskState, number>
    for (const { state, n } of counts.all(projectId)) none[state] = n
    return { counts: none, waiting_on: none.waiting === 0 ? null : (waitsFor.get(projectId) ?? null) }
  })
  const importedSum = sqlite
    .prepare<[number], number>('SELECT coalesce(sum(cost_micros), 0) FROM imported_usage WHERE project_id = ?')
    .pluck()
  const importedOf = remembered(store, ['imported_usage'], (projectId) => importedSum.get(projectId) ?? 0)
  // Read with every project: to build their SQL each time costs more than to answer it.
  const projectById = orm
    .select()
    .from(projectTable)
    .where(eq(projectTable.id, sql.placeholder('id')))
    .prepare()
  const rowOf = remembered(store, ['project'], (id) => projectById.get({ id }), MOST_ROWS)
  const attachmentRows = orm
    .select()
    .from(attachment)
    .where(eq(attachment.project_id, sql.placeholder('id')))
    .prepare()
  const attachmentsOf = remembered(store, ['attachment'], (id): Project['attachments'] =>
    attachmentRows
      .all({ id })
      .map(({ id, name, bytes, sha256 }) => ({ id: encodeId('attachment', id), name, bytes, sha256 })),
  )
  const newestPlan = sqlite.prepare<[number], { id: number; created_at: number; state: PlanState }>(
    'SELECT id, created_at, state FROM plan WHERE project_id = +? ORDER BY version DESC LIMIT 1',
  )
  const proposed = remembered(store, ['plan'], (id) => newestPlan.get(id))
  const newestPlanning = sqlite.prepare<[number], { state: RunState; reason: string; created_at: number }>(
    "SELECT state, reason, created_at FROM run WHERE project_id = +? AND task_id IS NULL AND kind = 'plan' ORDER BY id DESC LIMIT 1",
  )
  const planned = remembered(store, ['run'], (id) => newestPlanning.get(id))
  const account = sqlite.prepare<[string], { reserved_micros: number; settled_micros: number }>(
    'SELECT reserved_micros, settled_micros FROM budget_account WHERE scope = ?',
  )
  const moneyOf = remembered(store, ['budget_account'], (id) => account.get(`project:${id}`))

  const shownBefore = new Map<number, { readonly from: ReturnType<typeof partsOf>; readonly project: Project }>()

  /** What is going on about a change of an approved plan. */
  function replanOf(newest: ReturnType<typeof proposed>, run: ReturnType<typeof planned>): Replan | null {
    if (run?.state === 'queued' || run?.state === 'running')
      return { state: 'planning', plan_id: null, reason: run.reason }
    if (run?.state === 'waiting') return { state: 'waiting', plan_id: null, reason: run.reason }
    if (newest?.state === 'proposed') return { state: 'proposed', plan_id: encodeId('plan', newest.id), reason: '' }
    if (run?.state === 'failed' && run.created_at > (newest?.created_at ?? 0))
      return { state: 'failed', plan_id: null, reason: run.reason }
    return null
  }

  /** What a project is shown from: the same values until one of them has changed. */
  function partsOf(row: ProjectRow) {
    const { id } = row
    return [
      row,
      tasksOf(id),
      moneyOf(id),
      limitOf(id),
      row.source_id === null ? 0 : importedOf(id),
      attachmentsOf(id),
      proposed(id),
      planned(id),
    ] as const
  }

  function view(parts: ReturnType<typeof partsOf>): Project {
    const [row, { counts: task_counts, waiting_on }, money, limit_micros, imported_micros, attachments, ...plans] =
      parts
    const [, planning] = plans
    const hasTasks = Object.values(task_counts).some((n) => n > 0)
    return {
      id: encodeId('project', row.id),
      kind: row.constraints === null ? 'plan' : 'prompt',
      name: row.name,
      requirements: row.requirements,
      state: row.state,
      reason: row.reason,
      waiting_on: hasTasks ? waiting_on : planning?.state === 'waiting' ? row.plan_waits_on : null,
      workspace: row.workspace,
      attachments,
      budget_micros: row.budget_micros,
      limit_micros,
      local_only: row.local_only,
      can_wait: row.can_wait,
      profile: row.profile,
      priority: row.priority,
      allowed_hosts: row.allowed_hosts,
      tool_policy: row.tool_policy,
      plan_id: row.plan_id === null ? null : encodeId('plan', row.plan_id),
      replan: hasTasks && row.state !== 'cancelled' ? replanOf(...plans) : null,
      spent_micros: money?.settled_micros ?? 0,
      imported_micros,
      source_id: row.source_id,
      reserved_micros: money?.reserved_micros ?? 0,
      task_counts,
      result: row.result,
      created_at: toTimestamp(row.created_at),
      updated_at: toTimestamp(row.updated_at),
      started_at: toTimestampOrNull(row.started_at),
      ended_at: toTimestampOrNull(row.ended_at),
    }
  }

  /** The same object until something of it has changed: who has made something of it need not make it again. */
  function shown(row: ProjectRow): Project {
    const from = partsOf(row)
    const before = shownBefore.get(row.id)
    if (before !== undefined && from.every((part, index) => part === before.from[index])) return before.project
    const project = Object.freeze(view(from))
    if (shownBefore.size >= MOST_ROWS) shownBefore.clear()
    shownBefore.set(row.id, { from, project })
    return project
  }

  function row(id: string): Result<ProjectRow, Refusal> {
    const key = decodeId('project', id)
    const found = key === null ? undefined : rowOf(key)
    return found === undefined ? refuse('not_found', `There is no project ${id}.`) : ok(found)
  }

  return {
    row,
    get(id) {
      const found = row(id)
      return found.ok ? ok(shown(found.value)) : found
    },
    list({ limit, cursor }, owner = null) {
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : (decodeId('project', cursor) ?? 0)
      const rows = orm
        .select()
        .from(projectTable)
        .where(and(lt(projectTable.id, before), owner === null ? undefined : eq(projectTable.owner, owner)))
        .orderBy(desc(projectTable.id))
        .limit(limit + 1)
        .all()
      const last = rows[limit - 1]
      return {
        items: rows.slice(0, limit).map((row) => view(partsOf(row))),
        next_cursor: rows.length > limit && last !== undefined ? encodeId('project', last.id) : null,
      }
    },
  }
}
