import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { Failpoint, OnceFailpoint } from '../failpoint.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { writeAlongside } from './alongside.ts'
import { packText, unpackText } from './packed-text.ts'
import type { Store } from './store.ts'
import { troubleOf } from './trouble.ts'

/** A call that its caller wants made at most once. */
export interface KeyedCall {
  /** Whose key it is: keys of others are other keys. */
  readonly caller: string
  readonly key: string
  /** Of the route and the body: the same key with another one is refused. */
  readonly fingerprint: string
  /** False: the answer holds a secret that is shown once and never kept. */
  readonly keepsAnswer: boolean
  /** Whether what `work` threw says that nothing was done, so that it may be tried again. */
  isUndone(cause: unknown): boolean
}

/** What was answered, now or the first time. */
export interface OnceAnswer {
  readonly value: unknown
  readonly replayed: boolean
}

/** Makes calls at most once for each key of each caller, over restarts and crashes too (A3). */
export interface IdempotencyKeys {
  /** Refused where the key is in use for something else, is being worked on, or has no answer to give again. */
  once(call: KeyedCall, work: () => Promise<unknown>): Promise<Result<OnceAnswer, Refusal>>
}

interface Row {
  readonly id: number
  readonly fingerprint: string
  readonly state: 'begun' | 'done'
  readonly answer: string | null
  readonly created_at: number
}

/** How long a key means the same call. */
export const KEY_LIFE_MS = 24 * 60 * 60_000
/** At most so many keys are kept: the oldest go first. */
const MAX_KEYS = 1_000_000
/** A longer answer (in characters, packed) is not kept. */
const MAX_ANSWER = 1_000_000
/** How often, in new keys, the old ones are removed, and how many at most. */
const PURGE_EVERY = 64
const PURGE_MAX = 256
const RETRY_AFTER_S = 1

/**
 * The row of a key is written by the transaction that makes the first change of its call, so there is no moment at which the
 * change is there and the key is not. A core that is killed between that and the answer leaves `begun`: the call is never
 * made again under this key, and whoever asks is told to look.
 */
export function createIdempotencyKeys(store: Store, failpoint: Failpoint<OnceFailpoint>): IdempotencyKeys {
  const { sqlite } = store
  const find = sqlite.prepare<[string, string, number], Row>(
    'SELECT id, fingerprint, state, answer, created_at FROM idempotency_key WHERE caller = ? AND key = ? AND created_at > ?',
  )
  const dropOld = sqlite.prepare('DELETE FROM idempotency_key WHERE caller = ? AND key = ? AND created_at <= ?')
  const begin = sqlite.prepare(
    `INSERT INTO idempotency_key (caller, key, fingerprint, state, created_at) VALUES (?, ?, ?, 'begun', ?)
     ON CONFLICT (caller, key) DO NOTHING`,
  )
  const end = sqlite.prepare(
    "UPDATE idempotency_key SET state = 'done', answer = ? WHERE caller = ? AND key = ? AND fingerprint = ?",
  )
  const forget = sqlite.prepare("DELETE FROM idempotency_key WHERE caller = ? AND key = ? AND state = 'begun'")
  const purge = sqlite.prepare(
    `DELETE FROM idempotency_key WHERE id IN (
       SELECT id FROM idempotency_key WHERE created_at <= ?
         OR id <= (SELECT seq FROM sqlite_sequence WHERE name = 'idempotency_key') - ${MAX_KEYS}
       ORDER BY id LIMIT ${PURGE_MAX})`,
  )
  const underWay = new Map<string, string>()
  let sincePurge = PURGE_EVERY

  /** On a disk that takes nothing the row stays as it is: `begun` is the safe word for what cannot be written down. */
  async function kept(change: () => void): Promise<void> {
    try {
      await store.tryWrite(change)
    } catch (cause) {
      if (troubleOf(cause) === null) throw cause
      store.report(cause)
    }
  }

  function known(call: KeyedCall, row: Row): Result<OnceAnswer, Refusal> {
    if (row.fingerprint !== call.fingerprint) return otherCall(call.key)
    const at = toTimestamp(row.created_at)
    if (row.state === 'begun') {
      return refuse(
        'conflict',
        `Baton was ended while it did this at ${at}, so nobody can tell whether all of it was done. It is not done again under this key: look at what is there, and use another key if it is missing.`,
        { idempotency: 'unknown', begun_at: at },
      )
    }
    if (row.answer === null) {
      return refuse(
        'conflict',
        `This was done already, at ${at}. Its answer was not kept, because it is large or shows a secret that is shown once. Look at what is there before you do it again with another key.`,
        { idempotency: 'done', begun_at: at },
      )
    }
    return ok({ value: JSON.parse(unpackText(row.answer)) as unknown, replayed: true })
  }

  return {
    async once(call, work) {
      const { caller, key, fingerprint } = call
      const name = JSON.stringify([caller, key])
      const other = underWay.get(name)
      if (other !== undefined) return other === fingerprint ? busy() : otherCall(key)
      const now = Date.now()
      const row = find.get(caller, key, now - KEY_LIFE_MS)
      if (row !== undefined) return known(call, row)
      underWay.set(name, fingerprint)
      let isOpen = true
      const note = (): void => {
        dropOld.run(caller, key, now - KEY_LIFE_MS)
        begin.run(caller, key, fingerprint, now)
      }
      try {
        // What the call leaves going on in the background is not the call.
        const value = await writeAlongside(
          () => isOpen && note(),
          () => work(),
        )
        isOpen = false
        failpoint('once-done')
        const text = call.keepsAnswer && value !== undefined ? packText(JSON.stringify(value)) : null
        sincePurge += 1
        const isPurging = sincePurge > PURGE_EVERY
        if (isPurging) sincePurge = 0
        await kept(() => {
          note()
          end.run(text !== null && text.length <= MAX_ANSWER ? text : null, caller, key, fingerprint)
          if (isPurging) purge.run(now - KEY_LIFE_MS)
        })
        return ok({ value, replayed: false })
      } catch (cause) {
        isOpen = false
        // Without a row there is nothing to forget, and no reason to write on a disk that may be in trouble.
        if (call.isUndone(cause) && find.get(caller, key, now - KEY_LIFE_MS) !== undefined) {
          await kept(() => forget.run(caller, key))
        }
        throw cause
      } finally {
        underWay.delete(name)
      }
    },
  }
}

function busy(): ReturnType<typeof refuse> {
  const message = `The first call with this Idempotency-Key is still under way. Ask again in ${RETRY_AFTER_S} s for its answer.`
  return refuse('conflict', message, { idempotency: 'under_way', retry_after_s: RETRY_AFTER_S })
}

function otherCall(key: string): ReturnType<typeof refuse> {
  return refuse(
    'unprocessable',
    `The Idempotency-Key "${key}" stands for another call of yours: another route, or another body. Use a new key for each new thing.`,
  )
}
