import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Core } from '../core.ts'
import { loadOnce } from '../load-once.ts'
import { KNOWLEDGE_FILE, type Knowledge, type KnowledgeParts, type SearchKnowledge } from './knowledge-parts.ts'

/** Knowledge whose code is loaded with its first use: most starts have none. */
export interface LazyKnowledge extends SearchKnowledge {
  readonly routes: Core['knowledge']
  /** Goes on with what there is; loads nothing where no source is. */
  begin(): Promise<void>
  /** A project is gone, and its sources with it. */
  forgetRemoved(): Promise<void>
  /** Whether anything can be found for this project. */
  isThere(projectId: number): boolean
  close(): Promise<void>
}

export function createLazyKnowledge(parts: KnowledgeParts): LazyKnowledge {
  const { sqlite } = parts.store
  const anySource = sqlite.prepare<[], number>('SELECT 1 FROM knowledge_source LIMIT 1').pluck()
  const sourceFor = sqlite
    .prepare<[number], number>('SELECT 1 FROM knowledge_source WHERE project_id = ? OR project_id IS NULL LIMIT 1')
    .pluck()
  const hasTexts = (): boolean => existsSync(join(parts.data_dir, KNOWLEDGE_FILE))
  const once = loadOnce(() => import('./knowledge-service.ts').then(({ createKnowledge }) => createKnowledge(parts)))
  let loading: Promise<Knowledge> | null = null
  let isClosed = false

  function load(): Promise<Knowledge> {
    loading = once()
    return loading
  }

  return {
    search: async (query, signal) => (await load()).search(query, signal),
    isThere: (projectId) => sourceFor.get(projectId) !== undefined,
    async begin() {
      if (!isClosed && (anySource.get() !== undefined || hasTexts())) await (await load()).begin()
    },
    async forgetRemoved() {
      if (!isClosed && hasTexts()) await (await load()).forgetRemoved()
    },
    async close() {
      isClosed = true
      // What could not be loaded has nothing to close, and who asked for it was told.
      await loading?.then(
        (knowledge) => knowledge.close(),
        () => undefined,
      )
    },
    routes: {
      status: async () => (await load()).routes.status(),
      list: async (query) => (await load()).routes.list(query),
      add: async (source) => (await load()).routes.add(source),
      upload: async (file) => (await load()).routes.upload(file),
      get: async (id) => (await load()).routes.get(id),
      change: async (id, watched) => (await load()).routes.change(id, watched),
      refresh: async (id) => (await load()).routes.refresh(id),
      remove: async (id) => (await load()).routes.remove(id),
      files: async (id, page) => (await load()).routes.files(id, page),
      search: async (query, signal) => (await load()).routes.search(query, signal),
      text: async (id, around) => (await load()).routes.text(id, around),
    },
  }
}
