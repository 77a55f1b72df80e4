import { and, desc, eq, isNull, lt, or } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { KnowledgeSource } from '#contract/knowledge.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { EventLog } from '../event/event-log.ts'
import { type KnowledgeSourceRow, knowledgeSource } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { SourceCounts } from './knowledge-reader.ts'

export type NewSourceRow = Pick<KnowledgeSourceRow, 'project_id' | 'kind' | 'name' | 'path' | 'watched'>

/** The sources in `baton.db`. Each change commits together with the event that tells of it. */
export interface SourceRows {
  get(id: number): KnowledgeSourceRow | undefined
  all(): KnowledgeSourceRow[]
  /** Newest first, before the row `before`; of a project its own and everybody's. */
  page(limit: number, before: number | null, projectId: number | undefined): KnowledgeSourceRow[]
  find(source: Pick<NewSourceRow, 'project_id' | 'kind' | 'path' | 'name'>): KnowledgeSourceRow | undefined
  create(source: NewSourceRow): Promise<KnowledgeSourceRow>
  /** Undefined where it is gone. */
  change(
    id: number,
    change: Partial<Pick<KnowledgeSourceRow, 'state' | 'reason' | 'watched' | 'indexed_at'>>,
  ): Promise<KnowledgeSourceRow | undefined>
  remove(id: number): Promise<void>
}

export function createSourceRows(store: Store, events: EventLog): SourceRows {
  const get = (id: number): KnowledgeSourceRow | undefined =>
    store.orm.select().from(knowledgeSource).where(eq(knowledgeSource.id, id)).get()

  function tell(tx: Tx, row: KnowledgeSourceRow, state: KnowledgeSourceRow['state'] | 'removed'): void {
    const { id, project_id, name, reason } = row
    events.append(tx, 'knowledge.source', { project_id }, { source_id: encodeId('source', id), name, state, reason })
  }

  return {
    get,
    all: () => store.orm.select().from(knowledgeSource).all(),
    page: (limit, before, projectId) =>
      store.orm
        .select()
        .from(knowledgeSource)
        .where(
          and(
            before === null ? undefined : lt(knowledgeSource.id, before),
            projectId === undefined
              ? undefined
              : or(eq(knowledgeSource.project_id, projectId), isNull(knowledgeSource.project_id)),
          ),
        )
        .orderBy(desc(knowledgeSource.id))
        .limit(limit)
        .all(),
    find: ({ project_id, kind, path, name }) =>
      store.orm
        .select()
        .from(knowledgeSource)
        .where(
          and(
            project_id === null ? isNull(knowledgeSource.project_id) : eq(knowledgeSource.project_id, project_id),
            eq(knowledgeSource.kind, kind),
            eq(knowledgeSource.path, path),
            eq(knowledgeSource.name, name),
          ),
        )
        .get(),
    create: (source) =>
      store.tryWrite((tx) => {
        const row = tx.orm
          .insert(knowledgeSource)
          .values({ ...source, state: 'queued', reason: '', created_at: Date.now() })
          .returning()
          .get()
        tell(tx, row, 'queued')
        return row
      }),
    change: (id, change) =>
      store.tryWrite((tx) => {
        const row = tx.orm.update(knowledgeSource).set(change).where(eq(knowledgeSource.id, id)).returning().get()
        if (row !== undefined) tell(tx, row, row.state)
        return row
      }),
    remove: (id) =>
      store.tryWrite((tx) => {
        const row = tx.orm.delete(knowledgeSource).where(eq(knowledgeSource.id, id)).returning().get()
        if (row !== undefined) tell(tx, row, 'removed')
      }),
  }
}

/** A source as everybody sees it. */
export function sourceView(
  row: KnowledgeSourceRow,
  counts: SourceCounts | undefined,
  progress: KnowledgeSource['progress'],
): KnowledgeSource {
  return {
    id: encodeId('source', row.id),
    project_id: row.project_id === null ? null : encodeId('project', row.project_id),
    kind: row.kind,
    name: row.name,
    path: row.kind === 'upload' ? null : row.path,
    watched: row.watched,
    state: row.state,
    reason: row.reason,
    files: counts?.files ?? 0,
    problems: counts?.problems ?? 0,
    chunks: counts?.chunks ?? 0,
    progress,
    created_at: toTimestamp(row.created_at),
    indexed_at: toTimestampOrNull(row.indexed_at),
  }
}
