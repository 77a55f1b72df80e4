import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'

/** What to look for in lines: plain text, or a regular expression with its flags. */
export interface LinePattern {
  readonly source: string
  readonly regex_flags: string | null
}

const lineMatch = z.object({ line: z.number(), text: z.string() })
export type LineMatch = z.infer<typeof lineMatch>

/** `matches` is null for a file that is not UTF-8 text. */
const reply = z.object({ matches: z.array(lineMatch).nullable() })

export type LineSearchOutcome =
  | { readonly kind: 'searched'; readonly matches: readonly LineMatch[] | null }
  | { readonly kind: 'out_of_time' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'broken'; readonly reason: string }

const LINE_CHARACTERS = 300

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

parentPort.on('message', ({ content, limit }) => parentPort.postMessage({ matches: search(content, limit) }))
`

/** A search through the lines of many files, one file at a time, within one deadline. Must be closed. */
export class LineSearch {
  readonly #worker: Worker
  readonly #stop: AbortSignal
  readonly #cancel: AbortSignal
  #broken: unknown = null

  constructor(pattern: LinePattern, deadline_ms: number, cancel: AbortSignal) {
    this.#cancel = cancel
    this.#stop = AbortSignal.any([cancel, AbortSignal.timeout(deadline_ms)])
    this.#worker = new Worker(PROGRAM, {
      eval: true,
      // The host's flags are not meant for it.
      execArgv: [],
      workerData: { ...pattern, characters: LINE_CHARACTERS },
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    this.#worker.on('error', (error) => {
      this.#broken = error
    })
  }

  /** The first `limit` lines of a file's content that match. */
  async search(content: Uint8Array, limit: number): Promise<LineSearchOutcome> {
    try {
      const answer = once(this.#worker, 'message', { signal: this.#stop })
      this.#worker.postMessage({ content, limit })
      const [message] = await answer
      return { kind: 'searched', matches: reply.parse(message).matches }
    } catch (error) {
      if (this.#cancel.aborted) return { kind: 'cancelled' }
      if (this.#stop.aborted) return { kind: 'out_of_time' }
      return { kind: 'broken', reason: String(this.#broken ?? error) }
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
