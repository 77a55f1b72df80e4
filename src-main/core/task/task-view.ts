import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Task } from '#contract/task.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Page, PageRequest } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type TaskRow, task as taskTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

/** Tasks as everybody sees them. */
export interface TaskView {
  get(id: string): Result<Task, Refusal>
  row(id: string): Result<TaskRow, Refusal>
  /** Of one project, in the order of its plan; with `ids`, those of them that are the project's. */
  list(projectId: number, page: PageRequest, ids?: readonly string[]): Page<Task>
}

interface Facts {
  task_id: number
  phase: string | null
  profile: string | null
  input_tokens: number
  output_tokens: number
  cost_micros: number
  paid: number
}

/** `whyNot` tells of a task that is ready, or waits for a lock or a batch, why it does not run yet. */
export function createTaskView(
  store: Store,
  whyNot: (row: TaskRow) => string,
  isPaid: (profile: string) => boolean,
): TaskView {
  const { orm, sqlite } = store
  const dependencies = sqlite.prepare<[string], { task_id: number; depends_on_id: number }>(
    `SELECT task_id, depends_on_id FROM task_dependency WHERE task_id IN (SELECT value FROM json_each(?))`,
  )
  const usedBy =
    'task_id, input_tokens + cache_write_tokens + cache_read_tokens AS input_tokens, output_tokens, cost_micros'
  const facts = sqlite.prepare<{ ids: string }, Facts>(
    // What was used is added up first, so that only these tasks' calls are looked at; by the index, which begins with the project.
    `SELECT t.id AS task_id, r.phase, r.profile, coalesce(u.input_tokens, 0) AS input_tokens,
       coalesce(u.output_tokens, 0) AS output_tokens, coalesce(u.cost_micros, 0) AS cost_micros, coalesce(u.paid, 0) AS paid
     FROM task t LEFT JOIN run r ON r.id = t.run_id LEFT JOIN (
       SELECT task_id, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cost_micros) AS cost_micros,
         max(paid) AS paid
       FROM (
         SELECT ${usedBy}, reservation_id IS NOT NULL AS paid
         FROM (SELECT id AS asked, project_id AS of FROM task WHERE id IN (SELECT value FROM json_each(@ids)))
           CROSS JOIN usage_log ON project_id = of AND task_id = asked
         UNION ALL
         SELECT ${usedBy}, cost_micros > 0 FROM imported_usage WHERE task_id IN (SELECT value FROM json_each(@ids)))
       GROUP BY task_id
     ) u ON u.task_id = t.id
     WHERE t.id IN (SELECT value FROM json_each(@ids))`,
  )

  function views(rows: readonly TaskRow[]): Task[] {
    const ids = JSON.stringify(rows.map((row) => row.id))
    const needs = Map.groupBy(dependencies.all(ids), (edge) => edge.task_id)
    const known = new Map(facts.all({ ids }).map((fact) => [fact.task_id, fact]))
    return rows.map((row) => view(row, needs.get(row.id) ?? [], known.get(row.id)))
  }

  function view(row: TaskRow, needs: readonly { depends_on_id: number }[], fact: Facts | undefined): Task {
    const {
      id,
      project_id,
      run_id,
      ready_at: _,
      unmet_dependencies: __,
      plan_id: ___,
      carry_run_id: ____,
      ...rest
    } = row
    const profile = fact?.profile ?? null
    return {
      ...rest,
      id: encodeId('task', id),
      project_id: encodeId('project', project_id),
      depends_on: needs.map((edge) => encodeId('task', edge.depends_on_id)),
      reason: reasonOf(row),
      resumes_at: toTimestampOrNull(row.resumes_at),
      run_id: run_id === null ? null : encodeId('run', run_id),
      run_phase: row.state === 'running' ? (fact?.phase ?? null) : null,
      profile,
      paid: fact?.paid === 1 || (profile !== null && isPaid(profile)),
      input_tokens: fact?.input_tokens ?? 0,
      output_tokens: fact?.output_tokens ?? 0,
      cost_micros: fact?.cost_micros ?? 0,
      created_at: toTimestamp(row.created_at),
      started_at: toTimestampOrNull(row.started_at),
      ended_at: toTimestampOrNull(row.ended_at),
    }
  }

  function reasonOf(row: TaskRow): string {
    if (row.held && ['pending', 'ready', 'waiting'].includes(row.state)) return 'Paused by you.'
    if (row.state === 'pending') {
      return row.unmet_dependencies === 1
        ? 'Waits for one task before it.'
        : `Waits for ${row.unmet_dependencies} tasks before it.`
    }
    // Who holds a lock changes while a task waits for it, and so does how far its batch is.
    const isLive = row.waiting_on === 'lock' || row.waiting_on === 'batch'
    const changes = row.state === 'ready' || (row.state === 'waiting' && isLive)
    return changes ? whyNot(row) || row.reason : row.reason
  }

  function row(id: string): Result<TaskRow, Refusal> {
    const key = decodeId('task', id)
    const found = key === null ? undefined : orm.select().from(taskTable).where(eq(taskTable.id, key)).get()
    return found === undefined ? refuse('not_found', `There is no task ${id}.`) : ok(found)
  }

  /** Looked up by their ids: beside this, the project is to be no index, of which all tasks would be gone through. */
  function amongst(ids: readonly string[]) {
    const keys = ids.map((id) => decodeId('task', id)).filter((key) => key !== null)
    return sql`${taskTable.id} IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`
  }

  return {
    row,
    get(id) {
      const found = row(id)
      if (!found.ok) return found
      const [task] = views([found.value])
      return task === undefined ? refuse('not_found', `There is no task ${id}.`) : ok(task)
    },
    list(projectId, { limit, cursor }, ids) {
      const given = cursor === undefined ? -1 : Number(cursor)
      const after = Number.isInteger(given) ? given : -1
      const rows = orm
        .select()
        .from(taskTable)
        .where(
          ids === undefined
            ? and(eq(taskTable.project_id, projectId), gt(taskTable.position, after))
            : and(amongst(ids), sql`+${taskTable.project_id} = ${projectId}`, sql`+${taskTable.position} > ${after}`),
        )
        .orderBy(asc(taskTable.position))
        .limit(limit + 1)
        .all()
      const last = rows[limit - 1]
      return {
        items: views(rows.slice(0, limit)),
        next_cursor: rows.length > limit && last !== undefined ? String(last.position) : null,
      }
    },
  }
}
