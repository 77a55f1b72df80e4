import { encodeId } from '#contract/ids.ts'
import type { UsageGroup, UsageRow, UsageSums } from '#contract/usage.ts'
import { isByTime } from '#contract/usage-order.ts'
import type { Sqlite } from '../store/connection.ts'

/** What is to be summed up: all calls, or those of a project (its key), or of projects of an owner. */
export interface SumsQuestion {
  readonly by: UsageGroup
  readonly project: number | null
  readonly owner: string | null
}

export type UsageSumsOperations = { readonly sum: { readonly given: SumsQuestion; readonly answer: UsageSums } }

const MOST_ROWS = 500

/** Key and label of a row, per way of grouping. Only constants: nothing of a request gets into the SQL. */
const GROUPS: Readonly<Record<UsageGroup, { key: string; label: string }>> = {
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

function publicKey(by: UsageGroup, key: string): string {
  if (key === '') return key
  if (by === 'project' || by === 'task') return encodeId(by, Number(key))
  return key
}

/** Sums calls up (B5): reads each of them, some 100 ms for 100,000. */
export function sumUsage(sqlite: Sqlite, { by, project, owner }: SumsQuestion): UsageSums {
  const { key, label } = GROUPS[by]
  const from = `FROM usage_log u LEFT JOIN project p ON p.id = u.project_id LEFT JOIN task t ON t.id = u.task_id
    WHERE (@project IS NULL OR u.project_id = @project) AND (@owner IS NULL OR p.owner = @owner)`
  const parameters = { project, owner }
  const order = isByTime(by) ? '1 DESC' : 'cost_micros DESC, calls DESC'
  const found = sqlite
    .prepare<typeof parameters, UsageRow & { readonly row_count: number }>(
      `SELECT CAST(${key} AS TEXT) AS key, ${label} AS label, ${SUMS}, count(*) OVER () AS row_count ${from}
       GROUP BY 1, 2 ORDER BY ${order} LIMIT ${MOST_ROWS}`,
    )
    .all(parameters)
  const rows = found.map(({ row_count: _, ...row }) => ({ ...row, key: publicKey(by, row.key) }))
  const total = sqlite
    .prepare<typeof parameters, UsageRow>(`SELECT 'total' AS key, 'Total' AS label, ${SUMS} ${from}`)
    .get(parameters)
  if (total === undefined) throw new Error('An aggregate without GROUP BY always has a row')
  return { rows, total, row_count: found[0]?.row_count ?? 0 }
}
