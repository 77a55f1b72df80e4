import { createHash } from 'node:crypto'
import { ORPCError } from '@orpc/server'
import type { Core } from '#core/core.ts'
import type { Caller } from '#core/identity/caller.ts'
import { unwrap } from './unwrap.ts'

/** What a request says that is to be done once (A3). */
export interface Once {
  /** Its Idempotency-Key. */
  readonly key: string
  /** What tells its path and body from others; not to be kept where the body may hold a secret. */
  readonly digest: string
  /** Is told where the answer is one that was given before. */
  onReplay(): void
}

/** Routes whose answers show a secret once: they are made once like others, but their answers are never kept. */
export const SHOWN_ONCE: ReadonlySet<string> = new Set([
  'users.invite',
  'users.createToken',
  'webhooks.create',
  'webhooks.rotate',
  'webhooks.addSecret',
])

/**
 * Routes whose body may hold a secret: nothing that is derived from it is kept, not even to tell another body by, because
 * who reads the database could try guesses on it. Under one key, any body is the same call there.
 */
export const HOLD_SECRETS: ReadonlySet<string> = new Set(['webhooks.addSecret'])

/**
 * Whether an Idempotency-Key is heeded: on every POST of the contract, but for logins, which make nothing and whose
 * secrets would have to be kept. A new POST is covered without being named.
 */
export function takesKey(path: readonly string[], method: string | undefined): boolean {
  return method === 'POST' && path[0] !== 'auth'
}

/** Does `work` once for the key of `once`; answers with what it gives, now or the first time. */
export async function keyedCall(
  { idempotency }: Pick<Core, 'idempotency'>,
  caller: Caller,
  path: readonly string[],
  once: Once,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const route = path.join('.')
  const body = HOLD_SECRETS.has(route) ? '' : once.digest
  const fingerprint = createHash('sha256').update(`${route}\0${body}`).digest('base64url')
  const keepsAnswer = !SHOWN_ONCE.has(route)
  const call = { caller: caller.id, key: once.key, fingerprint, keepsAnswer, isUndone }
  const { value, replayed } = unwrap(await idempotency.once(call, work))
  if (replayed) once.onReplay()
  return value
}

/** A refusal is a promise that nothing was done; a bug promises nothing. */
function isUndone(cause: unknown): boolean {
  return cause instanceof ORPCError && (cause.status < 500 || cause.status === 503)
}
