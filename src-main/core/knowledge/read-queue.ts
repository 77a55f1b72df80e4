import { basename, dirname } from 'node:path'
import { encodeId } from '#contract/ids.ts'
import type { KnowledgeSource } from '#contract/knowledge.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { KnowledgeSourceRow } from '../store/schema.ts'
import type { AskOptions, QuestionThread, ThreadFault } from '../thread/question-thread.ts'
import type { IndexOperations, SourceToRead } from './index-operations.ts'
import type { FoundFile } from './knowledge-writer.ts'
import type { SourceRows } from './source-rows.ts'

export interface ReadQueueParts {
  readonly rows: SourceRows
  readonly thread: QuestionThread<IndexOperations>
  readonly events: EventLog
  readonly blobs: BlobStore
  readonly log: Log
  /** Something new may be there to be embedded. */
  onRead(): void
}

/** What one file may take before it is given up: an honest one is long because it is large. */
function limitsOf({ bytes }: FoundFile): AskOptions {
  return { deadline_ms: 30_000 + Math.ceil(bytes / 1_048_576) * 2_000, memory_bytes: 768 * 1_048_576 }
}

/** Reads sources one after another, in the background (K1). */
export interface ReadQueue {
  /** Reads it after those that wait; once more where it is being read now. */
  add(id: number): void
  /** Ends at once what is done for a source that is to go. */
  drop(id: number): void
  progressOf(id: number): KnowledgeSource['progress']
  close(): Promise<void>
}

const TELL_MS = 200

export function createReadQueue({ rows, thread, events, blobs, log, onRead }: ReadQueueParts): ReadQueue {
  const waiting = new Set<number>()
  const progress = new Map<number, { done: number; total: number }>()
  let current: { readonly id: number; readonly controller: AbortController } | null = null
  let working: Promise<void> = Promise.resolve()
  let isClosed = false

  function wake(): void {
    if (current !== null || isClosed) return
    const [id] = waiting
    if (id === undefined) return
    waiting.delete(id)
    const controller = new AbortController()
    current = { id, controller }
    working = readOne(id, controller.signal)
      .catch((cause: unknown) =>
        log.error('A source of knowledge could not be read', { source: id, error: String(cause) }),
      )
      .then(() => {
        current = null
        progress.delete(id)
        wake()
      })
  }

  async function readOne(id: number, signal: AbortSignal): Promise<void> {
    const row = await rows.change(id, { state: 'indexing', reason: '' })
    if (row === undefined) return
    const source = toRead(row, blobs)
    const scanned = await thread.ask('scan', source, { signal })
    if (isOver(signal)) return
    if (!scanned.ok) return failed(id, faultText(scanned.error))
    if (!scanned.value.ok) return failed(id, scanned.value.problem)
    const { changed, truncated } = scanned.value
    for (const [index, file] of changed.entries()) {
      tell(row, index, changed.length, file.path)
      const fault = await readFile(source, file, signal)
      if (isOver(signal)) return
      if (fault !== null) return failed(id, fault)
    }
    tell(row, changed.length, changed.length, '')
    progress.delete(id)
    const reason = truncated ? 'There are more files than are read of one source. Add its folders one by one.' : ''
    // Before it is told: who waits for all of it looks at the vectors next.
    onRead()
    await rows.change(id, { state: 'ready', reason, indexed_at: Date.now() })
  }

  /** Why the source cannot be read on; a file that cannot be read is noted as such. */
  async function readFile(source: SourceToRead, file: FoundFile, signal: AbortSignal): Promise<string | null> {
    const read = await thread.ask('read', { source, file }, { signal, ...limitsOf(file) })
    if (read.ok || isOver(signal)) return null
    const noted = { source_id: source.source_id, file, problem: faultText(read.error) }
    const written = await thread.ask('note_problem', noted, { signal })
    return written.ok || isOver(signal) ? null : faultText(written.error)
  }

  function isOver(signal: AbortSignal): boolean {
    return signal.aborted || isClosed
  }

  async function failed(id: number, reason: string): Promise<void> {
    await rows.change(id, { state: 'failed', reason })
  }

  let toldAt = 0
  function tell(row: KnowledgeSourceRow, done: number, total: number, detail: string): void {
    progress.set(row.id, { done, total })
    if (done < total && Date.now() - toldAt < TELL_MS) return
    toldAt = Date.now()
    events.announce({
      type: 'knowledge.progress',
      project_id: row.project_id === null ? null : encodeId('project', row.project_id),
      source_id: encodeId('source', row.id),
      what: 'reading',
      ...{ done, total, detail },
    })
  }

  return {
    add(id) {
      waiting.add(id)
      wake()
    },
    drop(id) {
      waiting.delete(id)
      if (current?.id === id) current.controller.abort()
    },
    progressOf: (id) => progress.get(id) ?? null,
    async close() {
      isClosed = true
      current?.controller.abort()
      await working
    },
  }
}

/** Where a source's files lie. */
export function toRead(row: KnowledgeSourceRow, blobs: BlobStore): SourceToRead {
  const scope = row.project_id ?? 0
  if (row.kind === 'folder') return { source_id: row.id, scope, root: row.path, only: null, called: null }
  const path = row.kind === 'upload' ? blobs.pathOf(row.path) : row.path
  const called = row.kind === 'upload' ? row.name : null
  return { source_id: row.id, scope, root: dirname(path), only: basename(path), called }
}

function faultText({ kind, message }: ThreadFault): string {
  if (kind === 'out_of_time') return `${message} Reading it was given up. Split it, or take out what is large.`
  if (kind === 'out_of_memory')
    return 'It took too much memory, so reading it was given up. Split it, or take out what is large.'
  return `Reading it broke off: ${message}`
}
