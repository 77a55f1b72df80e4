import type { FoundFile, PendingChunks, Space, Spaces } from './knowledge-writer.ts'

/** A source as the thread that reads it sees it. */
export interface SourceToRead {
  readonly source_id: number
  /** Key of the project, 0 for everybody. */
  readonly scope: number
  /** Absolute path of a folder, and the one file of it that is meant; null: all of them. */
  readonly root: string
  readonly only: string | null
  /** How an upload is called, whose file is named by its hash. */
  readonly called: string | null
}

/** What the thread that writes `knowledge.db` can be asked for. */
export type IndexOperations = {
  /** Opens the database, and says whether that could be done. */
  readonly open: { readonly given: null; readonly answer: string | null }
  /** Looks what is new or has changed; takes away what is gone. */
  readonly scan: {
    readonly given: SourceToRead
    readonly answer:
      | { readonly ok: true; readonly changed: readonly FoundFile[]; readonly truncated: boolean }
      | { readonly ok: false; readonly problem: string }
  }
  /** Reads one file into the database, wholly or not at all. */
  readonly read: { readonly given: { readonly source: SourceToRead; readonly file: FoundFile }; readonly answer: null }
  readonly note_problem: {
    readonly given: { readonly source_id: number; readonly file: FoundFile; readonly problem: string }
    readonly answer: null
  }
  readonly keep_only: { readonly given: readonly number[]; readonly answer: boolean }
  readonly spaces: { readonly given: null; readonly answer: Spaces }
  readonly begin_space: {
    readonly given: { readonly model: string; readonly dimensions: number }
    readonly answer: Space
  }
  readonly pending: {
    readonly given: { readonly space_id: number; readonly limit: number }
    readonly answer: PendingChunks
  }
  readonly store_vectors: {
    readonly given: {
      readonly space_id: number
      readonly ids: readonly number[]
      readonly vectors: readonly Float32Array[]
      readonly up_to: number
    }
    readonly answer: null
  }
  readonly search_space: { readonly given: number; readonly answer: null }
  readonly drop_filling: { readonly given: null; readonly answer: null }
  readonly sweep: { readonly given: null; readonly answer: boolean }
}
