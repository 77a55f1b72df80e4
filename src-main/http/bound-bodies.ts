import { NOBODY } from '#core/identity/caller.ts'
import type { GiveBack, Shares } from '#core/shares.ts'
import type { Middleware } from './request-env.ts'
import { refusalResponse } from './wire-error.ts'

/** Whoever is refused may come again so soon (s): most bodies are answered in less. */
const RETRY_AFTER_S = 1
/** What there is room for at first in a body of unknown length. */
const FIRST_BYTES = 65_536

/**
 * Bounds the bytes of all bodies that one caller has under way, as they are held in memory until they are answered; `bodies`
 * counts them. A body whose length was not announced is read here, and counted as it comes. `isOthers` names paths whose
 * bodies are not held.
 */
export function boundBodies(bodies: Shares, limit: () => number, isOthers: (path: string) => boolean): Middleware {
  const refused = (who: string): Response => {
    const answer = refusalResponse({
      code: 'too_many_requests',
      message: `You have ${bodies.of(who)} bytes of requests under way, and at most ${limit()} are taken at once. Send this one again when one of them is answered, or raise "max_body_bytes" in the settings.`,
      details: { retry_after_s: RETRY_AFTER_S },
    })
    // What follows on this connection is the rest of a body that nobody reads.
    answer.headers.set('connection', 'close')
    return answer
  }

  return async (context, next) => {
    const caller = context.get('caller')
    const announced = Number(context.req.header('content-length') ?? 0)
    const isUnannounced = context.req.header('transfer-encoding') !== undefined
    if ((announced === 0 && !isUnannounced) || caller === NOBODY || isOthers(context.req.path)) return next()
    let giveBack: GiveBack = () => undefined
    const take = (bytes: number): boolean => {
      // What came before is a part of it: a body that is alone must not be held against itself.
      giveBack()
      const share = bodies.take(caller.id, bytes)
      if (share !== null) giveBack = share
      return share !== null
    }
    try {
      if (isUnannounced) {
        const body = await readWhile(context.req.raw.body, take)
        if (body === null) return refused(caller.id)
        const { url, method, headers, signal } = context.req.raw
        context.req.raw = new Request(url, { method, headers, signal, ...(body.byteLength > 0 && { body }) })
      } else if (!take(announced)) return refused(caller.id)
      await next()
    } finally {
      giveBack()
    }
    return undefined
  }
}

/** The whole of it; null where `take` said no to the bytes that had come so far. */
async function readWhile(
  body: ReadableStream<Uint8Array> | null,
  take: (bytes: number) => boolean,
): Promise<Uint8Array<ArrayBuffer> | null> {
  let held = Buffer.allocUnsafe(FIRST_BYTES)
  let bytes = 0
  for await (const chunk of body ?? []) {
    const before = bytes
    bytes += chunk.byteLength
    if (!take(bytes)) return null
    // Kept piece by piece, a body that comes byte by byte would take 250 times its bytes.
    if (bytes > held.length) held = Buffer.concat([held], Math.max(2 * held.length, bytes))
    held.set(chunk, before)
  }
  return held.subarray(0, bytes)
}
