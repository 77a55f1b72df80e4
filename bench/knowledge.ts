import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import { load } from 'sqlite-vec'
import { openKnowledge } from '../src-main/core/knowledge/knowledge-database.ts'
import { createKnowledgeWriter } from '../src-main/core/knowledge/knowledge-writer.ts'
import type { SearchOperations } from '../src-main/core/knowledge/search-operations.ts'
import { createQuestionThread } from '../src-main/core/thread/question-thread.ts'
import { percentile } from './figures.ts'
import { likelyTexts } from './likely-texts.ts'
import { BROAD, type LikelyVectors, likelyVectors, NARROW, nearestExactly, type Spread } from './likely-vectors.ts'

const CHUNKS = 100_000
const DIMENSIONS = 768
const QUESTIONS = 100
const WANTED = 20
const CHUNKS_PER_DOCUMENT = 100
const WORDS_PER_CHUNK = 150
/** Long enough to be the target of a cut between chunks. */
const BATCH = 1_000

/**
 * K4: searching 100,000 passages of 768 dimensions, through the thread that the product searches in, while the main loop's
 * delay is measured; beside keywords alone and sqlite-vec's own exact search over floats, on the same data in the same run.
 */
export async function benchKnowledge(): Promise<string[]> {
  return [...(await benchSpread(BROAD, 7)), ...(await benchSpread(NARROW, 11))]
}

async function benchSpread(spread: Spread, seed: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-knowledge-'))
  try {
    const vectors = likelyVectors(spread, CHUNKS, QUESTIONS, DIMENSIONS, seed)
    const { ids, questions, seconds } = fill(folder, vectors, seed)
    const exact = vectors.questions.map((question) =>
      nearestExactly(vectors.corpus, question, WANTED).map((row) => ids[row]),
    )
    const ours = await searchInThread(folder, vectors, questions)
    const plain = searchPlainly(folder, vectors)
    const share = (found: readonly (readonly number[])[]): string => recall(found, exact).toFixed(3)
    const name = `knowledge/${spread.name}`
    return [
      `${name} chunks=${CHUNKS} dimensions=${DIMENSIONS} written_s=${seconds.toFixed(0)} first_search_ms=${ours.first_ms.toFixed(0)}`,
      `${name} hybrid ${times(ours.hybrid)} main_loop_p99_ms=${ours.loop_p99_ms.toFixed(1)} main_loop_max_ms=${ours.loop_max_ms.toFixed(1)}`,
      `${name} meaning ${times(ours.meaning.map(({ ms }) => ms))} cpu_ms_each=${ours.cpu_ms.toFixed(1)} recall@${WANTED}=${share(ours.meaning.map(({ found }) => found))}`,
      `${name} keywords ${times(ours.keywords)}`,
      `${name} plain-sqlite-vec ${times(plain.map(({ ms }) => ms))} recall@${WANTED}=${share(plain.map(({ rows }) => rows.map((row) => ids[row] ?? 0)))}`,
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes passages and vectors as the product does. Answers with the chunk of each vector, and a question about it in words. */
function fill(folder: string, { corpus }: LikelyVectors, seed: number) {
  const begun = performance.now()
  const opened = openKnowledge(folder)
  if (!opened.ok) throw new Error(opened.error.message)
  const sqlite = opened.value
  const writer = createKnowledgeWriter(sqlite)
  const texts = likelyTexts(seed)
  const questions: string[] = []
  for (let document = 0; document < CHUNKS / CHUNKS_PER_DOCUMENT; document += 1) {
    const pieces = Array.from({ length: CHUNKS_PER_DOCUMENT }, (_, line) => {
      const text = texts.text(WORDS_PER_CHUNK).slice(0, 1_199)
      if (questions.length < QUESTIONS && line === 0) questions.push(texts.question(text))
      return { text: `${text}\n`, line: line + 1, page: null, heading: '', begins: true }
    })
    const file = { path: `${document}.txt`, bytes: 1, modified_ms: 0 }
    writer.put(1, 0, file, String(document), { media: 'text', pieces, pages: null, lines: CHUNKS_PER_DOCUMENT })
  }
  const space = writer.beginSpace('likely', DIMENSIONS)
  const ids: number[] = []
  for (;;) {
    const { chunks } = writer.pending(space.id, BATCH)
    if (chunks.length === 0) break
    const from = ids.length
    ids.push(...chunks.map(({ id }) => id))
    const vectors = chunks.map((_, at) => corpus.subarray((from + at) * DIMENSIONS, (from + at + 1) * DIMENSIONS))
    writer.storeVectors(space.id, ids.slice(from), vectors, ids.at(-1) ?? 0)
  }
  if (ids.length !== CHUNKS) throw new Error(`${ids.length} chunks were made instead of ${CHUNKS}`)
  sqlite.close()
  return { ids, questions, seconds: (performance.now() - begun) / 1_000 }
}

async function searchInThread(folder: string, { questions }: LikelyVectors, texts: readonly string[]) {
  const program = new URL('../src-main/core/knowledge/knowledge-search-worker.ts', import.meta.url)
  const thread = createQuestionThread<SearchOperations>(program, { data_dir: folder }, 512)
  const ask = async (query: string, numbers: Float32Array | null) => {
    const begun = performance.now()
    const vector = numbers === null ? null : { space_id: 1, numbers }
    const answer = await thread.ask('search', { query, vector, scopes: null, limit: WANTED })
    if (!answer.ok) throw new Error(answer.error.message)
    return { ms: performance.now() - begun, found: answer.value.map(({ chunk_id }) => chunk_id) }
  }
  const first = await ask('', questions[0] ?? new Float32Array(DIMENSIONS))
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const hybrid: number[] = []
  for (const [at, question] of questions.entries()) hybrid.push((await ask(texts[at] ?? '', question)).ms)
  delay.disable()
  const meaning: Awaited<ReturnType<typeof ask>>[] = []
  const before = process.cpuUsage()
  for (const question of questions) meaning.push(await ask('', question))
  // Of the processor itself, which is what a machine with nothing else to do would need.
  const { user, system } = process.cpuUsage(before)
  const keywords: number[] = []
  for (const text of texts) keywords.push((await ask(text, null)).ms)
  await thread.close()
  // The histogram counts the resolution as delay.
  const lateness = (ns: number): number => Math.max(0, ns / 1e6 - 5)
  return {
    ...{ first_ms: first.ms, hybrid, meaning, keywords },
    cpu_ms: (user + system) / 1_000 / questions.length,
    loop_p99_ms: lateness(delay.percentile(99)),
    loop_max_ms: lateness(delay.max),
  }
}

/** What sqlite-vec does by itself: a table of floats, all of which are compared. Without a thread, which would only add to it. */
function searchPlainly(folder: string, { corpus, questions }: LikelyVectors) {
  const sqlite = new Database(join(folder, 'plain.db'))
  load(sqlite)
  sqlite.exec(`CREATE VIRTUAL TABLE plain USING vec0 (embedding float[${DIMENSIONS}] distance_metric=cosine)`)
  const insert = sqlite.prepare('INSERT INTO plain (rowid, embedding) VALUES (?, ?)')
  sqlite.transaction(() => {
    for (let row = 0; row < CHUNKS; row += 1)
      insert.run(BigInt(row), bytesOf(corpus.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)))
  })()
  const search = sqlite
    .prepare<[Buffer], number>(`SELECT rowid FROM plain WHERE embedding MATCH ? AND k = ${WANTED}`)
    .pluck()
  const found = questions.map((question) => {
    const begun = performance.now()
    const rows = search.all(bytesOf(question))
    return { ms: performance.now() - begun, rows }
  })
  sqlite.close()
  return found
}

function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
}

function times(ms: readonly number[]): string {
  return `p50_ms=${percentile(ms, 0.5).toFixed(1)} p95_ms=${percentile(ms, 0.95).toFixed(1)}`
}

function recall(found: readonly (readonly number[])[], exact: readonly (readonly (number | undefined)[])[]): number {
  const shares = exact.map(
    (right, at) => right.filter((id) => id !== undefined && found[at]?.includes(id)).length / right.length,
  )
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}
