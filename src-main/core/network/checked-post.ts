import { err, ok, type Result } from '#contract/result.ts'
import { portOf } from './checked-url.ts'
import { pinnedAgent } from './pinned-agent.ts'
import type { Reach } from './reach.ts'

/** What came back of a POST. */
export interface Posted {
  readonly status: number
  /** What `Retry-After` says in seconds; null where it says nothing. */
  readonly retry_after_s: number | null
}

export interface PostLimits {
  readonly time_ms: number
  /** Of the answer; what is more is not read. */
  readonly bytes: number
}

/**
 * Sends one POST to the address that `reach` has checked, and to no other: the name is not asked again, and a redirect is
 * an answer like any other, not a way. The error is a sentence.
 */
export async function checkedPost(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  reach: Reach,
  limits: PostLimits,
  stop: AbortSignal,
): Promise<Result<Posted, string>> {
  const found = await reach.find(url.hostname, portOf(url))
  if (!found.ok) return err(`Nothing was sent, because ${found.error}.`)
  const { fetch } = await import('undici')
  const deadline = AbortSignal.timeout(limits.time_ms)
  const agent = await pinnedAgent(found.value)
  try {
    const answer = await fetch(url, {
      ...{ method: 'POST', dispatcher: agent, redirect: 'manual', referrerPolicy: 'no-referrer', credentials: 'omit' },
      ...{ signal: AbortSignal.any([stop, deadline]), headers: { 'user-agent': 'Baton', ...headers }, body },
    })
    await readAway(answer.body, limits.bytes)
    const wait = answer.headers.get('retry-after') ?? ''
    return ok({ status: answer.status, retry_after_s: /^\d{1,9}$/.test(wait) ? Number(wait) : null })
  } catch (cause) {
    if (deadline.aborted) return err(`Nothing came back within ${limits.time_ms / 1_000} s.`)
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    return err(`It was not delivered: ${reason instanceof Error ? reason.message : String(reason)}.`)
  } finally {
    await agent.destroy()
  }
}

/** An answer is taken when all of it came; leaving the loop ends one that never does. */
async function readAway(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<void> {
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    if (bytes > limit) return
  }
}
