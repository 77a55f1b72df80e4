import type { Sqlite } from '../store/connection.ts'
import { type BinaryIndex, createBinaryIndex } from './binary-index.ts'
import { keywordQuery } from './keyword-query.ts'
import type { Media } from './piece.ts'
import { type FoundBy, fuse } from './rank-fusion.ts'

export interface Question {
  readonly query: string
  /** Of unit length, with the space that it belongs to; null: by keywords alone. */
  readonly vector: { readonly space_id: number; readonly numbers: Float32Array } | null
  /** Null: everything. */
  readonly scopes: readonly number[] | null
  readonly limit: number
}

/** A chunk that was found. */
export interface Found {
  readonly chunk_id: number
  readonly document_id: number
  readonly source_id: number
  readonly path: string
  readonly page: number | null
  readonly line_start: number
  readonly line_end: number
  readonly start: number
  readonly end: number
  readonly heading: string
  readonly text: string
  readonly score: number
  readonly found_by: readonly FoundBy[]
}

export interface FileRow {
  readonly document_id: number | null
  readonly source_id: number
  readonly path: string
  readonly media: Media | null
  readonly bytes: number
  readonly pages: number | null
  readonly lines: number | null
  readonly chunks: number
  readonly problem: string
}

export interface SourceCounts {
  readonly source_id: number
  readonly files: number
  readonly problems: number
  readonly chunks: number
}

export interface TextOfDocument {
  readonly source_id: number
  readonly path: string
  readonly scope: number
  readonly media: Media
  readonly pages: number | null
  readonly characters: number
  readonly parts: readonly {
    readonly start: number
    readonly text: string
    readonly page: number | null
    readonly line: number
  }[]
}

/** What is asked of `knowledge.db`. */
export interface KnowledgeReader {
  search(question: Question): Found[]
  counts(): {
    readonly files: number
    readonly chunks: number
    readonly embedded: number
    readonly sources: readonly SourceCounts[]
  }
  files(sourceId: number, after: string, limit: number): FileRow[]
  text(documentId: number, around: number): TextOfDocument | null
}

/** So many of each way of searching are weighed against each other. */
const LIST = 50
/** So many are compared with their full vectors; fewer lose some of the nearest 20 where very many are alike. */
const CANDIDATES = 1_000
/** Characters around a place that a window is shown at once. */
const WINDOW = 60_000

export function createKnowledgeReader(sqlite: Sqlite): KnowledgeReader {
  const found = 'FROM chunk_words WHERE chunk_words MATCH ?'
  const foundIn = `FROM chunk_words w JOIN chunk c ON c.id = w.rowid WHERE chunk_words MATCH ?
    AND c.scope IN (SELECT value FROM json_each(?))`
  const best = 'ORDER BY bm25(chunk_words, 2.0, 1.0) LIMIT ?'
  const newest = 'ORDER BY rowid DESC LIMIT ?'
  const byWords = {
    weighed: sqlite.prepare<[string, number], number>(`SELECT rowid ${found} ${best}`).pluck(),
    any: sqlite.prepare<[string, number], number>(`SELECT rowid ${found} ${newest}`).pluck(),
  }
  const byWordsIn = {
    weighed: sqlite.prepare<[string, string, number], number>(`SELECT w.rowid ${foundIn} ${best}`).pluck(),
    any: sqlite
      .prepare<[string, string, number], number>(`SELECT w.rowid ${foundIn} ORDER BY w.rowid DESC LIMIT ?`)
      .pluck(),
  }
  const countWords = sqlite
    .prepare<[string, number], number>(`SELECT count(*) FROM (SELECT 1 ${found} LIMIT ?)`)
    .pluck()
  const nearest = sqlite
    .prepare<[string, number, Buffer, number], number>(
      `SELECT v.chunk_id FROM vector v WHERE v.chunk_id IN (SELECT value FROM json_each(?)) AND v.space_id = ?
       ORDER BY vec_distance_l2(v.vector, ?) LIMIT ?`,
    )
    .pluck()
  const chunks = sqlite.prepare<[string], Omit<Found, 'score' | 'found_by' | 'source_id' | 'path'>>(
    `SELECT id AS chunk_id, document_id, page, line_start, line_end, start_at AS start, end_at AS end, heading, text
     FROM chunk WHERE id IN (SELECT value FROM json_each(?))`,
  )
  const fileOf = sqlite.prepare<[number], { source_id: number; path: string }>(
    'SELECT source_id, path FROM file WHERE document_id = ? ORDER BY source_id, path LIMIT 1',
  )
  const signs = sqlite.prepare<[number, number], { chunk_id: number; scope: number; scale: number; bits: Buffer }>(
    'SELECT chunk_id, scope, scale, bits FROM sign WHERE space_id = ? AND chunk_id > ? ORDER BY chunk_id',
  )
  const deletedNow = sqlite.prepare<[], number>("SELECT value FROM counter WHERE name = 'deleted'").pluck()
  const embeddedTo = sqlite.prepare<[number], { dimensions: number; embedded_to: number }>(
    'SELECT dimensions, embedded_to FROM space WHERE id = ?',
  )
  const bySource = sqlite.prepare<[], SourceCounts>(
    `SELECT f.source_id, count(f.document_id) AS files, sum(f.problem <> '') AS problems,
       coalesce(sum((SELECT count(*) FROM chunk c WHERE c.document_id = f.document_id)), 0) AS chunks
     FROM file f GROUP BY f.source_id`,
  )
  const filesOf = sqlite.prepare<[number, string, number], FileRow>(
    `SELECT f.document_id, f.source_id, f.path, d.media, f.bytes, d.pages, d.lines, f.problem,
       (SELECT count(*) FROM chunk c WHERE c.document_id = f.document_id) AS chunks
     FROM file f LEFT JOIN document d ON d.id = f.document_id WHERE f.source_id = ? AND f.path > ? ORDER BY f.path LIMIT ?`,
  )
  const documentRow = sqlite.prepare<
    [number],
    { scope: number; media: Media; pages: number | null; characters: number }
  >('SELECT scope, media, pages, characters FROM document WHERE id = ?')
  const parts = sqlite.prepare<[number, number, number], TextOfDocument['parts'][number]>(
    `SELECT start_at AS start, text, page, line_start AS line FROM chunk
     WHERE document_id = ? AND end_at > ? AND start_at < ? ORDER BY start_at`,
  )
  let held: { space_id: number; index: BinaryIndex; upTo: number; deleted: number } | null = null

  function keywords({ query, scopes }: Question): number[] {
    const wanted = keywordQuery(query, (text, most) => countWords.get(text, most) ?? 0)
    if (wanted === null) return []
    const how = wanted.weighed ? 'weighed' : 'any'
    if (scopes === null) return byWords[how].all(wanted.text, LIST)
    return byWordsIn[how].all(wanted.text, JSON.stringify(scopes), LIST)
  }

  /** The signs of a space in memory, brought up to date with what was written since. */
  function indexOf(spaceId: number): BinaryIndex | null {
    const space = embeddedTo.get(spaceId)
    if (space === undefined) return null
    const deleted = deletedNow.get() ?? 0
    if (held === null || held.space_id !== spaceId || held.deleted !== deleted)
      held = { space_id: spaceId, index: createBinaryIndex(space.dimensions), upTo: 0, deleted }
    if (held.upTo < space.embedded_to) {
      for (const { chunk_id, scope, scale, bits } of signs.iterate(spaceId, held.upTo)) {
        // A copy, because the words of a row need not begin where a word may begin.
        held.index.add(chunk_id, scope, { scale, bits: new Uint32Array(Uint8Array.from(bits).buffer) })
      }
      held.upTo = space.embedded_to
    }
    return held.index
  }

  function meaning({ vector, scopes }: Question): number[] {
    const index = vector === null ? null : indexOf(vector.space_id)
    if (vector === null || index === null || index.dimensions !== vector.numbers.length) return []
    const candidates = index.candidates(vector.numbers, CANDIDATES, scopes)
    const { buffer, byteOffset, byteLength } = vector.numbers
    return nearest.all(JSON.stringify(candidates), vector.space_id, Buffer.from(buffer, byteOffset, byteLength), LIST)
  }

  return {
    search: sqlite.transaction((question: Question): Found[] => {
      const lists = [{ by: 'keywords' as const, ids: keywords(question) }]
      const ranked = fuse(
        question.vector === null ? lists : [...lists, { by: 'meaning' as const, ids: meaning(question) }],
      ).slice(0, question.limit)
      const rows = new Map(chunks.all(JSON.stringify(ranked.map(({ id }) => id))).map((row) => [row.chunk_id, row]))
      return ranked.flatMap(({ id, score, found_by }) => {
        const row = rows.get(id)
        const file = row === undefined ? undefined : fileOf.get(row.document_id)
        return row === undefined || file === undefined ? [] : [{ ...row, ...file, score, found_by }]
      })
    }),
    counts: sqlite.transaction(() => {
      const sources = bySource.all()
      const one = (sql: string): number => sqlite.prepare<[], number>(sql).pluck().get() ?? 0
      return {
        files: sources.reduce((sum, source) => sum + source.files, 0),
        chunks: one('SELECT count(*) FROM chunk'),
        embedded: one("SELECT count(*) FROM sign WHERE space_id = (SELECT id FROM space WHERE state = 'searched')"),
        sources,
      }
    }),
    files: (sourceId, after, limit) => filesOf.all(sourceId, after, limit),
    text: sqlite.transaction((documentId: number, around: number): TextOfDocument | null => {
      const row = documentRow.get(documentId)
      const file = fileOf.get(documentId)
      if (row === undefined || file === undefined) return null
      return { ...row, ...file, parts: parts.all(documentId, around - WINDOW / 2, around + WINDOW / 2) }
    }),
  }
}
