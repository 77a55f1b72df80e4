import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import type { Project, Replan } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import { type PlanState, type RunState, type TaskState, taskState, type WaitingOn } from '#contract/states.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Page, PageRequest } from '../core.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import { attachment, type ProjectRow, project as projectTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

/** Projects as everybody sees them. */
export interface ProjectView {
  get(id: string): Result<Project, Refusal>
  /** The row behind a public id. */
  row(id: string): Result<ProjectRow, Refusal>
  /** Newest first. */
  list(page: PageRequest, owner?: string | null): Page<Project>
}

/** Views that are remembered, at most; each holds its requirements. */
const MAX_SHOWN = 100

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
      `SELECT waiting_on FROM task WHERE project_id = +? AND state = 'waiting'
       ORDER BY CASE waiting_on WHEN 'budget' THEN 0 WHEN 'resource' THEN 1 WHEN 'approval' THEN 2 WHEN 'batch' THEN 4 ELSE 3 END, id LIMIT 1`,
    )
    .pluck()
  const imported = sqlite
    .prepare<[number], number>('SELECT coalesce(sum(cost_micros), 0) FROM imported_usage WHERE project_id = ?')
    .pluck()
  // Read with every project: to build their SQL each time costs more than to answer it.
  const projectById = orm
    .select()
    .from(projectTable)
    .where(eq(projectTable.id, sql.placeholder('id')))
    .prepare()
  const attachmentsOf = orm
    .select()
    .from(attachment)
    .where(eq(attachment.project_id, sql.placeholder('id')))
    .prepare()
  const proposed = sqlite.prepare<[number], { id: number; created_at: number; state: PlanState }>(
    'SELECT id, created_at, state FROM plan WHERE project_id = +? ORDER BY version DESC LIMIT 1',
  )
  const planned = sqlite.prepare<[number], { state: RunState; reason: string; created_at: number }>(
    "SELECT state, reason, created_at FROM run WHERE project_id = +? AND task_id IS NULL AND kind = 'plan' ORDER BY id DESC LIMIT 1",
  )
  const money = sqlite.prepare<[string], { reserved_micros: number; settled_micros: number }>(
    'SELECT reserved_micros, settled_micros FROM budget_account WHERE scope = ?',
  )

  /** What is going on about a change of an approved plan. */
  function replanOf(row: ProjectRow): Replan | null {
    const run = planned.get(row.id)
    const newest = proposed.get(row.id)
    if (run?.state === 'queued' || run?.state === 'running')
      return { state: 'planning', plan_id: null, reason: run.reason }
    if (run?.state === 'waiting') return { state: 'waiting', plan_id: null, reason: run.reason }
    if (newest?.state === 'proposed') return { state: 'proposed', plan_id: encodeId('plan', newest.id), reason: '' }
    if (run?.state === 'failed' && run.created_at > (newest?.created_at ?? 0))
      return { state: 'failed', plan_id: null, reason: run.reason }
    return null
  }

  function view(row: ProjectRow): Project {
    const account = money.get(`project:${row.id}`)
    const task_counts = Object.fromEntries(taskState.options.map((state) => [state, 0])) as Record<TaskState, number>
    for (const { state, n } of counts.all(row.id)) task_counts[state] = n
    return {
      id: encodeId('project', row.id),
      kind: row.constraints === null ? 'plan' : 'prompt',
      name: row.name,
      requirements: row.requirements,
      state: row.state,
      reason: row.reason,
      waiting_on: task_counts.waiting === 0 ? null : (waitsFor.get(row.id) ?? null),
      workspace: row.workspace,
      attachments: attachmentsOf
        .all({ id: row.id })
        .map(({ id, name, bytes, sha256 }) => ({ id: encodeId('attachment', id), name, bytes, sha256 })),
      budget_micros: row.budget_micros,
      limit_micros: limitOf(row.id),
      local_only: row.local_only,
      can_wait: row.can_wait,
      profile: row.profile,
      priority: row.priority,
      allowed_hosts: row.allowed_hosts,
      tool_policy: row.tool_policy,
      plan_id: row.plan_id === null ? null : encodeId('plan', row.plan_id),
      replan: Object.values(task_counts).some((n) => n > 0) && row.state !== 'cancelled' ? replanOf(row) : null,
      spent_micros: account?.settled_micros ?? 0,
      imported_micros: row.source_id === null ? 0 : (imported.get(row.id) ?? 0),
      source_id: row.source_id,
      reserved_micros: account?.reserved_micros ?? 0,
      task_counts,
      result: row.result,
      created_at: toTimestamp(row.created_at),
      updated_at: toTimestamp(row.updated_at),
      started_at: toTimestampOrNull(row.started_at),
      ended_at: toTimestampOrNull(row.ended_at),
    }
  }

  function row(id: string): Result<ProjectRow, Refusal> {
    const key = decodeId('project', id)
    const found = key === null ? undefined : projectById.get({ id: key })
    return found === undefined ? refuse('not_found', `There is no project ${id}.`) : ok(found)
  }

  /** What was asked for since the last commit: until the next one it is what it was. */
  const shown = new Map<string, Project>()
  let shownAt = store.version()

  function get(id: string): Result<Project, Refusal> {
    // A change reads what nobody else may see yet.
    const isOpen = sqlite.inTransaction
    if (shownAt !== store.version() || shown.size >= MAX_SHOWN) shown.clear()
    shownAt = store.version()
    const before = isOpen ? undefined : shown.get(id)
    if (before !== undefined) return ok(before)
    const found = row(id)
    if (!found.ok) return found
    const project = view(found.value)
    if (!isOpen) shown.set(id, project)
    return ok(project)
  }

  return {
    row,
    get,
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
        items: rows.slice(0, limit).map(view),
        next_cursor: rows.length > limit && last !== undefined ? encodeId('project', last.id) : null,
      }
    },
  }
}
