import { decodeId, encodeId } from '#contract/ids.ts'
import type { KnowledgeFile, SearchHit } from '#contract/knowledge.ts'
import type { Citation } from '#contract/knowledge-words.ts'
import { ok, type Result } from '#contract/result.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { KnowledgeSourceRow } from '../store/schema.ts'
import { createQuestionThread, type ThreadFault } from '../thread/question-thread.ts'
import { chooseEmbedder, embeddersOf } from './embedder.ts'
import { createEmbeddingLoop } from './embedding-loop.ts'
import type { IndexOperations } from './index-operations.ts'
import type { Knowledge, KnowledgeParts } from './knowledge-parts.ts'
import type { FileRow, Found, SourceCounts } from './knowledge-reader.ts'
import { createQueryVectors } from './query-vectors.ts'
import { createReadQueue } from './read-queue.ts'
import type { SearchOperations } from './search-operations.ts'
import { checkSourcePath } from './source-path.ts'
import { createSourceRows, type NewSourceRow, sourceView } from './source-rows.ts'
import { createSourceWatch } from './watch-sources.ts'

const isSource = import.meta.url.endsWith('.ts')
/** In the sources the threads are TypeScript too; the build makes each an entry of its own. */
const INDEX = new URL(isSource ? './knowledge-index-worker.ts' : './knowledge-index-worker.js', import.meta.url)
const SEARCH = new URL(isSource ? './knowledge-search-worker.ts' : './knowledge-search-worker.js', import.meta.url)
const INDEX_HEAP_MB = 512
const SEARCH_HEAP_MB = 512
const SEARCH_MS = 20_000

/** Files to search in (K1–K3): sources are rows of `baton.db`, what was read of them lies in `knowledge.db` and is the threads'. */
export function createKnowledge(parts: KnowledgeParts): Knowledge {
  const { data_dir, store, events, blobs, log, board, settings } = parts
  const rows = createSourceRows(store, events)
  const index = createQuestionThread<IndexOperations>(INDEX, { data_dir }, INDEX_HEAP_MB)
  const search = createQuestionThread<SearchOperations>(SEARCH, { data_dir }, SEARCH_HEAP_MB)
  const loop = createEmbeddingLoop({ ...parts, thread: index })
  const queue = createReadQueue({ rows, thread: index, events, blobs, log, onRead: loop.wakeForNew })
  const watch = createSourceWatch((id) => queue.add(id), log)
  const vectorOf = createQueryVectors(parts)
  let isClosed = false
  let opened: Promise<Result<void, Refusal>> | null = null

  let models = ''
  board.onChange((provider, status) => {
    if (provider !== 'ollama' || isClosed || opened === null) return
    const now = `${status.state === 'healthy'} ${status.models.join(' ')}`
    if (now !== models) loop.wake()
    models = now
  })
  let setting = settings.settings().embedding_model
  events.onEvent(
    () => {
      if (isClosed || opened === null) return
      const now = settings.settings().embedding_model
      if (now !== setting) loop.wake()
      setting = now
    },
    (type) => type === 'settings.changed',
  )

  /** The database is there and its tables are ours; looked at once, and again after a failure. */
  function open(): Promise<Result<void, Refusal>> {
    opened ??= (async () => {
      const answer = await index.ask('open', null)
      if (answer.ok && answer.value === null) {
        await loop.load()
        return ok(undefined)
      }
      opened = null
      return refuse('unavailable', answer.ok ? (answer.value ?? '') : threadText(answer.error))
    })()
    return opened
  }

  async function asked<Name extends keyof SearchOperations>(
    name: Name,
    given: SearchOperations[Name]['given'],
    signal?: AbortSignal,
  ): Promise<Result<SearchOperations[Name]['answer'], Refusal>> {
    const ready = await open()
    if (!ready.ok) return ready
    const answer = await search.ask(name, given, {
      deadline_ms: SEARCH_MS,
      ...(signal === undefined ? {} : { signal }),
    })
    return answer.ok ? answer : refuse('unavailable', threadText(answer.error))
  }

  async function countsBySource(): Promise<Map<number, SourceCounts>> {
    const counted = await asked('counts', null)
    return new Map(counted.ok ? counted.value.sources.map((counts) => [counts.source_id, counts]) : [])
  }

  async function view(row: KnowledgeSourceRow) {
    const counts = await countsBySource()
    return sourceView(row, counts.get(row.id), queue.progressOf(row.id))
  }

  function found(id: string): Result<KnowledgeSourceRow, Refusal> {
    const row = rows.get(decodeId('source', id) ?? -1)
    return row === undefined
      ? refuse('not_found', `There is no source ${id}. "baton knowledge list" shows those that there are.`)
      : ok(row)
  }

  function scopeOf(projectId: string | null): Result<number | null, Refusal> {
    if (projectId === null) return ok(null)
    const key = decodeId('project', projectId) ?? -1
    const there = store.sqlite.prepare<[number], number>('SELECT id FROM project WHERE id = ?').pluck().get(key)
    return there === undefined ? refuse('not_found', `There is no project ${projectId}.`) : ok(key)
  }

  /** A new source, or the one that is there already, read anew. */
  async function take(source: NewSourceRow): Promise<KnowledgeSourceRow> {
    const before = rows.find(source)
    if (before === undefined) {
      const row = await rows.create(source)
      await follow(row)
      queue.add(row.id)
      return row
    }
    return readAgain(before, { watched: source.watched || before.watched })
  }

  async function readAgain(
    row: KnowledgeSourceRow,
    change: { readonly watched?: boolean } = {},
  ): Promise<KnowledgeSourceRow> {
    const changed = (await rows.change(row.id, { ...change, state: 'queued', reason: '' })) ?? row
    await follow(changed)
    queue.add(changed.id)
    return changed
  }

  async function follow(row: KnowledgeSourceRow): Promise<void> {
    if (row.watched && row.kind !== 'upload') await watch.follow(row.id, row.path)
    else await watch.forget(row.id)
  }

  async function forgetRemoved(): Promise<void> {
    const ready = await open()
    for (let more = ready.ok; more; ) {
      const swept = await index.ask(
        'keep_only',
        rows.all().map(({ id }) => id),
      )
      more = swept.ok && swept.value
    }
  }

  const titleOf = (sourceId: number, path: string): string => {
    const row = rows.get(sourceId)
    if (row === undefined) return path
    return row.kind === 'folder' ? `${row.name}/${path}` : row.name
  }

  function hit({ text, heading, score, found_by, ...place }: Found): SearchHit {
    const { document_id, source_id, path, page, line_start, line_end, start, end } = place
    const citation: Citation = {
      document_id: encodeId('document', document_id),
      source_id: encodeId('source', source_id),
      title: titleOf(source_id, path),
      ...{ path, page, line_start, line_end, start, end },
    }
    return { citation, heading, text, score, found_by: [...found_by] }
  }

  /** The question's vector, with what is to be said of the search. */
  async function meaning(query: string, signal: AbortSignal) {
    const { searched, detail, embedding, next_model } = loop.state()
    const setting = settings.settings().embedding_model
    const chosen = chooseEmbedder(setting, board.get('ollama').models, searched?.model ?? null)
    if (searched === null || setting === 'none') {
      const why = chosen.ok ? detail || 'Vectors are being made.' : chosen.reason
      return { vector: null, note: `Searched by keywords alone. ${why}` }
    }
    const made = await vectorOf(searched, query, signal)
    if (!made.ok) return { vector: null, note: `Searched by keywords alone. ${made.reason}` }
    const vector = { space_id: searched.id, numbers: made.numbers }
    if (next_model !== null)
      return {
        vector,
        note: `Vectors of ${next_model} are being made; until they are there, those of ${searched.model} are searched.`,
      }
    return {
      vector,
      note: embedding === 'ready' ? '' : 'Not everything can be found by its meaning yet: vectors are being made.',
    }
  }

  const searchKnowledge: Knowledge['search'] = async ({ query, project_id, limit, mode }, signal) => {
    const ready = await open()
    if (!ready.ok) return ready
    const { vector, note } = mode === 'keywords' ? { vector: null, note: '' } : await meaning(query, signal)
    const scopes = project_id === null ? null : [0, project_id]
    const answer = await asked('search', { query, vector, scopes, limit }, signal)
    if (!answer.ok) return answer
    return ok({ items: answer.value.map(hit), mode: vector === null ? 'keywords' : 'hybrid', note })
  }

  return {
    search: searchKnowledge,
    forgetRemoved,
    async begin() {
      const sources = rows.all()
      await forgetRemoved()
      const counts = await countsBySource()
      for (const row of sources) {
        // Changes that nobody saw meanwhile, what a dead core left, and what a lost knowledge.db held.
        if (row.watched || row.state === 'queued' || row.state === 'indexing' || !counts.has(row.id)) queue.add(row.id)
        await follow(row)
      }
      loop.wake()
    },
    async close() {
      isClosed = true
      await watch.close()
      await queue.close()
      await loop.close()
      await index.close()
      await search.close()
    },
    routes: {
      async status() {
        const counted = await asked('counts', null)
        if (!counted.ok) return counted
        const { files, chunks, embedded } = counted.value
        const { searched: _, ...state } = loop.state()
        const models = embeddersOf(board.get('ollama').models)
        return ok({ files, chunks, embedded, models, ...state })
      },
      async list({ limit, cursor, project_id }) {
        const scope = scopeOf(project_id ?? null)
        if (!scope.ok) return scope
        const before = cursor === undefined ? null : (decodeId('source', cursor) ?? 0)
        const page = rows.page(limit + 1, before, scope.value ?? undefined)
        const counts = await countsBySource()
        const items = page.slice(0, limit).map((row) => sourceView(row, counts.get(row.id), queue.progressOf(row.id)))
        return ok({ items, next_cursor: page.length > limit ? (items.at(-1)?.id ?? null) : null })
      },
      async add({ path, project_id, watched }) {
        const scope = scopeOf(project_id)
        if (!scope.ok) return scope
        const checked = await checkSourcePath(path, data_dir)
        if (!checked.ok) return checked
        const ready = await open()
        if (!ready.ok) return ready
        return ok(await view(await take({ ...checked.value, project_id: scope.value, watched })))
      },
      async upload({ name, project_id, content }) {
        const scope = scopeOf(project_id)
        if (!scope.ok) return scope
        const ready = await open()
        if (!ready.ok) return ready
        const path = blobs.put(Buffer.from(content, 'base64'))
        return ok(await view(await take({ kind: 'upload', name, path, project_id: scope.value, watched: false })))
      },
      async get(id) {
        const row = found(id)
        return row.ok ? ok(await view(row.value)) : row
      },
      async change(id, watched) {
        const row = found(id)
        if (!row.ok) return row
        if (watched && row.value.kind === 'upload')
          return refuse(
            'conflict',
            `${row.value.name} was handed over and lies nowhere else, so nothing of it can change.`,
          )
        if (watched) return ok(await view(await readAgain(row.value, { watched })))
        const changed = (await rows.change(row.value.id, { watched })) ?? row.value
        await follow(changed)
        return ok(await view(changed))
      },
      async refresh(id) {
        const row = found(id)
        if (!row.ok) return row
        return ok(await view(await readAgain(row.value)))
      },
      async remove(id) {
        const row = found(id)
        if (!row.ok) return row
        await rows.remove(row.value.id)
        queue.drop(row.value.id)
        await watch.forget(row.value.id)
        await forgetRemoved()
        return ok(undefined)
      },
      async files(id, { limit, cursor }) {
        const row = found(id)
        if (!row.ok) return row
        const listed = await asked('files', { source_id: row.value.id, after: cursor ?? '', limit: limit + 1 })
        if (!listed.ok) return listed
        const items = listed.value.slice(0, limit).map(fileView)
        return ok({ items, next_cursor: listed.value.length > limit ? (items.at(-1)?.path ?? null) : null })
      },
      async search({ project_id, ...query }, signal = new AbortController().signal) {
        const scope = scopeOf(project_id ?? null)
        return scope.ok ? searchKnowledge({ ...query, project_id: scope.value }, signal) : scope
      },
      async text(id, around) {
        const read = await asked('text', { document_id: decodeId('document', id) ?? -1, around })
        if (!read.ok) return read
        if (read.value === null)
          return refuse(
            'not_found',
            `There is no document ${id} any more: its file changed or was taken out. Search again.`,
          )
        const { source_id, path, media, pages, characters, parts: texts } = read.value
        const title = titleOf(source_id, path)
        return ok({ document_id: id, title, media, pages, characters, parts: [...texts] })
      },
    },
  }
}

function fileView(row: FileRow): KnowledgeFile {
  return {
    ...row,
    document_id: row.document_id === null ? null : encodeId('document', row.document_id),
    source_id: encodeId('source', row.source_id),
  }
}

function threadText({ kind, message }: ThreadFault): string {
  if (kind === 'cancelled') return message
  return `Knowledge could not be searched: ${message} Try again; if it stays, look at Baton's log.`
}
