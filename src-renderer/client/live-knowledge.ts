import type { QueryClient } from '@tanstack/react-query'
import type { KnowledgeProgress } from '#contract/knowledge-words.ts'
import { keys } from './keys.ts'

/** How far each source is that is being read, and the vectors, under `embedding`. */
export type ReadingProgress = Readonly<Record<string, KnowledgeProgress>>

/** Keeps the last word on each; what has come to its end is read anew. */
export function noteReading(queries: QueryClient, progress: KnowledgeProgress): void {
  const name = progress.source_id ?? 'embedding'
  queries.setQueryData<ReadingProgress>(keys.knowledgeProgress, (known = {}) => ({ ...known, [name]: progress }))
  if (progress.done >= progress.total) void queries.invalidateQueries({ queryKey: keys.knowledge })
}
