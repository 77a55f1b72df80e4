import type { Sqlite } from '../store/connection.ts'
import { signsOf } from './binary-index.ts'
import { toChunks } from './chunks.ts'
import type { Reading } from './piece.ts'

/** A file as the folder has it. */
export interface FoundFile {
  readonly path: string
  readonly bytes: number
  readonly modified_ms: number
}

export interface PendingChunks {
  readonly space_id: number
  /** Embedded so far in this space, of how many. */
  readonly done: number
  readonly total: number
  readonly chunks: readonly { readonly id: number; readonly heading: string; readonly text: string }[]
}

/** The vectors there are: searched ones, and those that are being made to take their place. */
export interface Spaces {
  readonly searched: Space | null
  readonly filling: Space | null
}
export interface Space {
  readonly id: number
  readonly model: string
  readonly dimensions: number
}

/** What changes `knowledge.db`. Each function is one transaction: it has happened as a whole or not at all. */
export interface KnowledgeWriter {
  /** Takes away what a source no longer has; answers with the files that are new or have changed. */
  compare(sourceId: number, found: readonly FoundFile[]): FoundFile[]
  /** Whether this content is there, for this scope; then the file becomes one of its files. */
  link(sourceId: number, scope: number, file: FoundFile, sha256: string, media: string): boolean
  put(sourceId: number, scope: number, file: FoundFile, sha256: string, reading: Reading): void
  putProblem(sourceId: number, file: FoundFile, problem: string): void
  /** Takes away all sources but these. Answers whether there is more to do, so that others get their turn. */
  keepOnly(sourceIds: readonly number[]): boolean
  spaces(): Spaces
  /** Begins to make vectors by a model, and gives up others that were being made. */
  beginSpace(model: string, dimensions: number): Space
  pending(spaceId: number, limit: number): PendingChunks
  storeVectors(spaceId: number, ids: readonly number[], vectors: readonly Float32Array[], upTo: number): void
  /** The space is whole: from now on it is searched. */
  search(spaceId: number): void
  /** Nobody makes vectors any more, or only by this space's model. */
  dropFilling(): void
  /** Takes away vectors of spaces that are gone, some at a time. Answers whether there is more to do. */
  sweepVectors(): boolean
}

/** How old the figures of a progress bar may be. */
const COUNT_MS = 1_000
const SWEEP = 500

export function createKnowledgeWriter(sqlite: Sqlite): KnowledgeWriter {
  const known = sqlite.prepare<[number], FoundFile>('SELECT path, bytes, modified_ms FROM file WHERE source_id = ?')
  const dropFile = sqlite.prepare('DELETE FROM file WHERE source_id = ? AND path = ?')
  const setFile = sqlite.prepare(
    `INSERT INTO file (source_id, path, document_id, bytes, modified_ms, problem) VALUES (@source, @path, @document, @bytes, @modified, @problem)
     ON CONFLICT (source_id, path) DO UPDATE SET document_id = @document, bytes = @bytes, modified_ms = @modified, problem = @problem`,
  )
  const documentOf = sqlite
    .prepare<[number, string], number | null>('SELECT document_id FROM file WHERE source_id = ? AND path = ?')
    .pluck()
  const findDocument = sqlite
    .prepare<[number, string, string], number>('SELECT id FROM document WHERE scope = ? AND sha256 = ? AND media = ?')
    .pluck()
  const insertDocument = sqlite
    .prepare<unknown[], number>(
      `INSERT INTO document (scope, sha256, media, bytes, characters, pages, lines) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .pluck()
  const insertChunk = sqlite.prepare(
    `INSERT INTO chunk (document_id, scope, start_at, end_at, line_start, line_end, page, heading, text)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const dropDocument = sqlite.prepare(
    'DELETE FROM document WHERE id = ? AND NOT EXISTS (SELECT 1 FROM file WHERE document_id = document.id)',
  )
  const strangers = sqlite.prepare<[string, number], { source_id: number; path: string }>(
    'SELECT source_id, path FROM file WHERE source_id NOT IN (SELECT value FROM json_each(?)) LIMIT ?',
  )
  const allSpaces = sqlite.prepare<[], Space & { state: string }>(
    'SELECT id, model, dimensions, state FROM space ORDER BY id',
  )
  const insertSpace = sqlite
    .prepare<[string, number, string], number>(
      'INSERT INTO space (model, dimensions, state) VALUES (?, ?, ?) RETURNING id',
    )
    .pluck()
  const nextChunks = sqlite.prepare<[number, number], { id: number; heading: string; text: string }>(
    'SELECT id, heading, text FROM chunk WHERE id > (SELECT embedded_to FROM space WHERE id = ?) ORDER BY id LIMIT ?',
  )
  const countDone = sqlite
    .prepare<[number], number>('SELECT count(*) FROM chunk WHERE id <= (SELECT embedded_to FROM space WHERE id = ?)')
    .pluck()
  const countChunks = sqlite.prepare<[], number>('SELECT count(*) FROM chunk').pluck()
  const setEmbedded = sqlite.prepare('UPDATE space SET embedded_to = ? WHERE id = ?')
  // The chunk may have gone while its vector was made.
  const insertVector = sqlite.prepare(
    'INSERT OR REPLACE INTO vector (chunk_id, space_id, vector) SELECT id, @space, @vector FROM chunk WHERE id = @chunk',
  )
  const insertSign = sqlite.prepare(
    `INSERT OR REPLACE INTO sign (chunk_id, space_id, scope, scale, bits)
     SELECT id, @space, scope, @scale, @bits FROM chunk WHERE id = @chunk`,
  )
  const sweep = {
    vector: sqlite.prepare(
      `DELETE FROM vector WHERE rowid IN (SELECT v.rowid FROM vector v WHERE v.space_id NOT IN (SELECT id FROM space) LIMIT ${SWEEP})`,
    ),
    sign: sqlite.prepare(
      `DELETE FROM sign WHERE (space_id, chunk_id) IN
         (SELECT space_id, chunk_id FROM sign WHERE space_id NOT IN (SELECT id FROM space) LIMIT ${SWEEP})`,
    ),
  }

  /** One place for files: what a file had before goes with its last file. */
  function point(sourceId: number, file: FoundFile, document: number | null, problem: string): void {
    const before = documentOf.get(sourceId, file.path) ?? null
    setFile.run({
      source: sourceId,
      path: file.path,
      document,
      bytes: file.bytes,
      modified: Math.floor(file.modified_ms),
      problem,
    })
    if (before !== null && before !== document) dropDocument.run(before)
  }

  function remove(sourceId: number, path: string): void {
    const before = documentOf.get(sourceId, path) ?? null
    dropFile.run(sourceId, path)
    if (before !== null) dropDocument.run(before)
  }

  const inOne = <T>(work: () => T): T => sqlite.transaction(work).immediate()

  let counted = { space_id: Number.NaN, at: 0, done: 0, total: 0 }
  /**
   * How far the vectors of a space are. Counting goes over all chunks, so for a bar it is not done with each few of them;
   * `exact`: whoever asks for the figures alone decides by them.
   */
  function progress(spaceId: number, exact: boolean): { done: number; total: number } {
    const now = performance.now()
    if (exact || counted.space_id !== spaceId || now - counted.at > COUNT_MS) {
      counted = { space_id: spaceId, at: now, done: countDone.get(spaceId) ?? 0, total: countChunks.get() ?? 0 }
    }
    return { done: counted.done, total: counted.total }
  }

  function spaceIn(state: string): Space | null {
    const found = allSpaces.all().find((space) => space.state === state)
    return found === undefined ? null : { id: found.id, model: found.model, dimensions: found.dimensions }
  }

  return {
    compare(sourceId, found) {
      const before = new Map(known.all(sourceId).map((file) => [file.path, file]))
      const there = new Set(found.map((file) => file.path))
      const gone = [...before.keys()].filter((path) => !there.has(path))
      inOne(() => {
        for (const path of gone) remove(sourceId, path)
      })
      return found.filter((file) => {
        const old = before.get(file.path)
        return old === undefined || old.bytes !== file.bytes || old.modified_ms !== Math.floor(file.modified_ms)
      })
    },
    link: (sourceId, scope, file, sha256, media) =>
      inOne(() => {
        const document = findDocument.get(scope, sha256, media)
        if (document === undefined) return false
        point(sourceId, file, document, '')
        return true
      }),
    put(sourceId, scope, file, sha256, reading) {
      const chunks = toChunks(reading.pieces)
      const { media, pages, lines } = reading
      const characters = chunks.at(-1)?.end ?? 0
      inOne(() => {
        const document = insertDocument.get(scope, sha256, media, file.bytes, characters, pages, lines) ?? 0
        for (const chunk of chunks) {
          const { start, end, line_start, line_end, page, heading, text } = chunk
          insertChunk.run(document, scope, start, end, line_start, line_end, page, heading, text)
        }
        point(sourceId, file, document, '')
      })
    },
    putProblem(sourceId, file, problem) {
      inOne(() => point(sourceId, file, null, problem))
    },
    keepOnly(sourceIds) {
      const rows = strangers.all(JSON.stringify(sourceIds), SWEEP)
      inOne(() => {
        for (const { source_id, path } of rows) remove(source_id, path)
      })
      return rows.length === SWEEP
    },
    spaces: () => ({ searched: spaceIn('searched'), filling: spaceIn('filling') }),
    beginSpace: (model, dimensions) =>
      inOne(() => {
        sqlite.prepare("DELETE FROM space WHERE state = 'filling'").run()
        // Where nothing is searched yet, a half made one is better than none.
        const state = spaceIn('searched') === null ? 'searched' : 'filling'
        return { id: insertSpace.get(model, dimensions, state) ?? 0, model, dimensions }
      }),
    pending: (spaceId, limit) => ({
      space_id: spaceId,
      chunks: nextChunks.all(spaceId, limit),
      ...progress(spaceId, limit === 0),
    }),
    storeVectors(spaceId, ids, vectors, upTo) {
      inOne(() => {
        for (const [index, chunk] of ids.entries()) {
          const vector = vectors[index]
          if (vector === undefined) continue
          const { bits, scale } = signsOf(vector)
          insertVector.run({ space: spaceId, chunk, vector: bytesOf(vector) })
          insertSign.run({ space: spaceId, chunk, scale, bits: bytesOf(bits) })
        }
        setEmbedded.run(upTo, spaceId)
      })
    },
    search(spaceId) {
      inOne(() => {
        sqlite.prepare("DELETE FROM space WHERE state = 'searched' AND id <> ?").run(spaceId)
        sqlite.prepare("UPDATE space SET state = 'searched' WHERE id = ?").run(spaceId)
      })
    },
    dropFilling() {
      sqlite.prepare("DELETE FROM space WHERE state = 'filling'").run()
    },
    sweepVectors: () => inOne(() => sweep.vector.run().changes + sweep.sign.run().changes > 0),
  }
}

function bytesOf(numbers: Float32Array | Uint32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}
