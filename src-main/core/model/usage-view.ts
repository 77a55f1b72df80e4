import { and, desc, eq, inArray, lt } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { UsageEntry, UsageRow } from '#contract/usage.ts'
import type { Core } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { project, usageLog } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

type Group = Parameters<Core['usage']['summary']>[0]
type UsageLogRow = typeof usageLog.$inferSelect

/** Key and label of a row, per way of grouping. Only constants: nothing of a request gets into the SQL. */
const GROUPS: Readonly<Record<Group, { key: string; label: string }>> = {
  day: { key: 'u.day_key', label: 'u.day_key' },
  month: { key: 'substr(u.day_key, 1, 7)', label: 'substr(u.day_key, 1, 7)' },
  project: { key: "coalesce(u.project_id, '')", label: "coalesce(p.name, 'deleted project')" },
  model: { key: 'u.model', label: 'u.model' },
  task: {
    key: "coalesce(u.task_id, '')",
    label: "iif(u.task_id IS NULL, 'planning and summaries', coalesce(t.title, 'deleted task'))",
  },
  tier: { key: "coalesce(u.tier, '')", label: "coalesce(u.tier, 'no tier')" },
}

const SUMS = `count(*) AS calls, coalesce(sum(u.input_tokens + u.cache_write_tokens + u.cache_read_tokens), 0) AS input_tokens,
  coalesce(sum(u.output_tokens), 0) AS output_tokens, coalesce(sum(u.cost_micros), 0) AS cost_micros,
  coalesce(sum(u.saved_micros), 0) AS saved_micros, coalesce(sum(u.cache_saved_micros), 0) AS cache_saved_micros,
  coalesce(sum(u.batch_saved_micros), 0) AS batch_saved_micros, coalesce(sum(u.cost_micros) FILTER (WHERE u.unconfirmed = 1), 0) AS unconfirmed_micros`

/** A call as it shows outside. */
export function usageEntryOf({ day_key: _, step_id: __, reservation_id: ___, ...row }: UsageLogRow): UsageEntry {
  return {
    ...row,
    ts: toTimestamp(row.ts),
    cache_saved_micros: row.cache_saved_micros ?? 0,
    project_id: row.project_id === null ? null : encodeId('project', row.project_id),
    task_id: row.task_id === null ? null : encodeId('task', row.task_id),
    run_id: row.run_id === null ? null : encodeId('run', row.run_id),
  }
}

/** What was used and what it cost (B5). */
export function createUsageView(store: Store): Pick<Core['usage'], 'list' | 'summary'> {
  const { orm, sqlite } = store

  function projectKey(id: string | undefined): Result<number | null, Refusal> {
    if (id === undefined) return ok(null)
    const key = decodeId('project', id)
    return key === null ? refuse('not_found', `There is no project ${id}.`) : ok(key)
  }

  function publicKey(by: Group, key: string): string {
    if (key === '') return key
    if (by === 'project' || by === 'task') return encodeId(by, Number(key))
    return key
  }

  return {
    list({ limit, cursor }, projectId, only, owner = null) {
      const of = projectKey(projectId)
      if (!of.ok) return of
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)
      if (!Number.isSafeInteger(before)) return refuse('bad_request', 'The cursor is not one that this list gave.')
      const inProject = of.value === null ? undefined : eq(usageLog.project_id, of.value)
      const ofOwner =
        owner === null
          ? undefined
          : inArray(usageLog.project_id, orm.select({ id: project.id }).from(project).where(eq(project.owner, owner)))
      const unconfirmed = only === undefined ? undefined : eq(usageLog.unconfirmed, true)
      const rows = orm
        .select()
        .from(usageLog)
        .where(and(lt(usageLog.id, before), inProject, ofOwner, unconfirmed))
        .orderBy(desc(usageLog.id))
        .limit(limit + 1)
        .all()
      const last = rows[limit - 1]
      return ok({
        items: rows.slice(0, limit).map(usageEntryOf),
        next_cursor: rows.length > limit && last !== undefined ? String(last.id) : null,
      })
    },
    summary(by, projectId, owner = null) {
      const of = projectKey(projectId)
      if (!of.ok) return of
      const { key, label } = GROUPS[by]
      const from = `FROM usage_log u LEFT JOIN project p ON p.id = u.project_id LEFT JOIN task t ON t.id = u.task_id
        WHERE (@project IS NULL OR u.project_id = @project) AND (@owner IS NULL OR p.owner = @owner)`
      const parameters = { project: of.value, owner }
      const rows = sqlite
        .prepare<typeof parameters, UsageRow>(
          `SELECT CAST(${key} AS TEXT) AS key, ${label} AS label, ${SUMS} ${from} GROUP BY 1, 2 ORDER BY ${by === 'day' || by === 'month' ? '1 DESC' : 'cost_micros DESC, calls DESC'} LIMIT 500`,
        )
        .all(parameters)
        .map((row) => ({ ...row, key: publicKey(by, row.key) }))
      const total = sqlite
        .prepare<typeof parameters, UsageRow>(`SELECT 'total' AS key, 'Total' AS label, ${SUMS} ${from}`)
        .get(parameters)
      if (total === undefined) throw new Error('An aggregate without GROUP BY always has a row')
      return ok({ rows, total })
    },
  }
}
