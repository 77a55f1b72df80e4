import { z } from 'zod'
import { documentId, projectId, sourceId } from './ids.ts'

export const sourceKind = z.enum(['file', 'folder', 'upload'])
/** `queued` and `indexing` move by themselves; `failed` says why in `reason`. */
export const sourceState = z.enum(['queued', 'indexing', 'ready', 'failed'])

/** A place in a document (K3). */
export const citation = z.object({
  document_id: documentId,
  source_id: sourceId,
  /** The file as a person calls it: the source's name, and the path in it where it is a folder. */
  title: z.string(),
  path: z.string(),
  /** Of a PDF, from 1. */
  page: z.number().int().nullable(),
  /** Lines of the file, from 1; of a PDF, of the page. */
  line_start: z.number().int(),
  line_end: z.number().int(),
  /** UTF-16 code units of the document's text, from 0; the end is exclusive. */
  start: z.number().int(),
  end: z.number().int(),
})
export type Citation = z.infer<typeof citation>

/** Pushed while files are read or vectors are made; never stored. */
export const knowledgeProgress = z.object({
  type: z.literal('knowledge.progress'),
  project_id: projectId.nullable(),
  /** Null: vectors for everything. */
  source_id: sourceId.nullable(),
  what: z.enum(['reading', 'embedding']),
  done: z.number().int(),
  total: z.number().int(),
  detail: z.string(),
})
export type KnowledgeProgress = z.infer<typeof knowledgeProgress>
