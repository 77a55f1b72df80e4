import { and, desc, eq, inArray, lt } from 'drizzle-orm'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { UsageEntry } from '#contract/usage.ts'
import type { Core } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { project, usageLog } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { createQuestionThread } from '../thread/question-thread.ts'
import { sumUsage, type UsageSumsOperations } from './usage-sums.ts'

type UsageLogRow = typeof usageLog.$inferSelect

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

/** In the sources the thread is TypeScript too; the build makes it an entry of its own. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './usage-sums-worker.ts' : './usage-sums-worker.js',
  import.meta.url,
)
const THREAD_HEAP_MB = 128
/** So many are summed up within some 10 ms, which a thread takes to begin. */
const FEW_CALLS = 10_000

export interface UsageView extends Pick<Core['usage'], 'list' | 'summary'> {
  close(): Promise<void>
}

/** What was used and what it cost (B5). More than `fewCalls` calls are summed up in a thread of its own: work goes on meanwhile. */
export function createUsageView(store: Store, dataDir: string, fewCalls = FEW_CALLS): UsageView {
  const { orm, sqlite } = store

  function projectKey(id: string | undefined): Result<number | null, Refusal> {
    if (id === undefined) return ok(null)
    const key = decodeId('project', id)
    return key === null ? refuse('not_found', `There is no project ${id}.`) : ok(key)
  }

  const newest = sqlite.prepare<[], number>('SELECT coalesce(max(id), 0) FROM usage_log').pluck()
  const thread = createQuestionThread<UsageSumsOperations>(PROGRAM, { data_dir: dataDir }, THREAD_HEAP_MB)
  store.onReopening(thread.rest)

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
    async summary(by, projectId, owner = null) {
      const of = projectKey(projectId)
      if (!of.ok) return of
      const question = { by, project: of.value, owner }
      const isFew = (newest.get() ?? 0) <= fewCalls
      // While the disk is in trouble, nobody but the store may have the file open.
      const summed = isFew || store.trouble() !== null ? null : await thread.ask('sum', question)
      if (summed === null || (!summed.ok && store.trouble() !== null)) return ok(sumUsage(sqlite, question))
      return summed.ok ? summed : refuse('unavailable', `The sums could not be made: ${summed.error.message}`)
    },
    close: thread.close,
  }
}
