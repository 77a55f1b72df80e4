import type { FileRow, Found, KnowledgeReader, Question, TextOfDocument } from './knowledge-reader.ts'

/** What the thread that searches `knowledge.db` can be asked for. */
export type SearchOperations = {
  readonly search: { readonly given: Question; readonly answer: Found[] }
  readonly counts: { readonly given: null; readonly answer: ReturnType<KnowledgeReader['counts']> }
  readonly files: {
    readonly given: { readonly source_id: number; readonly after: string; readonly limit: number }
    readonly answer: FileRow[]
  }
  readonly text: {
    readonly given: { readonly document_id: number; readonly around: number }
    readonly answer: TextOfDocument | null
  }
}
