import { createQuestionThread, type QuestionThread } from '../thread/question-thread.ts'

/** What to look for in lines: plain text, or a regular expression with its flags. */
export interface LinePattern {
  readonly source: string
  readonly regex_flags: string | null
}

export interface LineMatch {
  readonly line: number
  readonly text: string
}

/** The answer is null for a file that is not UTF-8 text. */
type SearchOperations = {
  search: {
    readonly given: { readonly content: Uint8Array; readonly limit: number }
    readonly answer: readonly LineMatch[] | null
  }
}

export type LineSearchOutcome =
  | { readonly kind: 'searched'; readonly matches: readonly LineMatch[] | null }
  | { readonly kind: 'out_of_time' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'broken'; readonly reason: string }

const LINE_CHARACTERS = 300
const HEAP_MB = 256

/**
 * Runs in a thread, because a regular expression can take forever and can only be stopped by ending its thread. It is
 * given as text, so that it needs no file of its own in the bundled builds.
 */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { source, regex_flags, characters } = workerData
const regex = regex_flags === null ? null : new RegExp(source, regex_flags)

function search(content, limit) {
  if (content.includes(0)) return null
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return null
  }
  const matches = []
  let line = 0
  for (const raw of text.split('\\n')) {
    line += 1
    const whole = raw.endsWith('\\r') ? raw.slice(0, -1) : raw
    const at = regex === null ? whole.indexOf(source) : whole.search(regex)
    if (at < 0) continue
    const from = whole.length <= characters ? 0 : Math.max(0, at - characters / 4)
    matches.push({ line, text: whole.slice(from, from + characters) })
    if (matches.length >= limit) break
  }
  return matches
}

parentPort.on('message', ({ id, given }) =>
  parentPort.postMessage({ id, ok: true, answer: search(given.content, given.limit) }),
)
`

/** A search through the lines of many files, one file at a time, within one deadline. Must be closed. */
export class LineSearch {
  readonly #thread: QuestionThread<SearchOperations>
  readonly #stop: AbortSignal
  readonly #cancel: AbortSignal

  constructor(pattern: LinePattern, deadline_ms: number, cancel: AbortSignal) {
    this.#cancel = cancel
    this.#stop = AbortSignal.any([cancel, AbortSignal.timeout(deadline_ms)])
    this.#thread = createQuestionThread({ text: PROGRAM }, { ...pattern, characters: LINE_CHARACTERS }, HEAP_MB)
  }

  /** The first `limit` lines of a file's content that match. */
  async search(content: Uint8Array, limit: number): Promise<LineSearchOutcome> {
    const searched = await this.#thread.ask('search', { content, limit }, { signal: this.#stop })
    if (searched.ok) return { kind: 'searched', matches: searched.value }
    if (this.#cancel.aborted) return { kind: 'cancelled' }
    if (this.#stop.aborted) return { kind: 'out_of_time' }
    return { kind: 'broken', reason: searched.error.message }
  }

  async close(): Promise<void> {
    await this.#thread.close()
  }
}
