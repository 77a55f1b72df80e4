import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

/** What work that is under way belongs to; log lines carry it (M6). */
export interface Correlation {
  /** The request, call or command that set it going; null where nobody did. */
  readonly correlation_id: string | null
  readonly run_id?: string
  readonly task_id?: string
  /** Who asked for it; absent where nobody did. */
  readonly actor?: Actor
}

/** Somebody whose doing is written down (S7). */
export interface Actor {
  /** A user's public id, or `local`. */
  readonly id: string
  /** Where the request came from; null where it came from this machine's owner. */
  readonly address: string | null
}

const current = new AsyncLocalStorage<Correlation>()
const NOTHING: Correlation = { correlation_id: null }

/** What the code that asks belongs to. */
export function correlation(): Correlation {
  return current.getStore() ?? NOTHING
}

/** Does `work`, and all that it awaits, as a part of `of`. */
export function correlated<T>(of: Correlation, work: () => T): T {
  return current.run(of, work)
}

const asNobody: <T>(work: () => T) => T = AsyncLocalStorage.snapshot()

/**
 * Does `work` as a part of nothing, in none of the contexts that it is asked for in, whatever they carry: it goes on for
 * many, whoever woke it.
 */
export function uncorrelated<T>(work: () => T): T {
  return asNobody(() => current.run(NOTHING, work))
}

const ID_BYTES = 9
/** Random bytes for some hundred ids: asking the system for each costs more than all else about one. */
let random = Buffer.alloc(0)
let used = 0

export function newCorrelationId(): string {
  if (used === random.length) {
    random = randomBytes(ID_BYTES * 512)
    used = 0
  }
  const begin = used
  used += ID_BYTES
  return random.toString('base64url', begin, used)
}
