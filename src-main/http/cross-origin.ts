import { cors } from 'hono/cors'
import type { Middleware } from './request-env.ts'

/** For how long a browser may remember what it was allowed, in seconds. */
const REMEMBERED_S = 600

/**
 * Lets pages of the origins that the configuration names, and of no others, read answers (S4). Their preflights, which
 * browsers send without a login, are answered here. `allowed` empty: no header of CORS at all.
 */
export function crossOrigin(allowed: readonly string[]): Middleware {
  const answer = cors({
    origin: (origin) => (origin !== 'null' && allowed.includes(origin) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'last-event-id', 'idempotency-key', 'x-correlation-id'],
    exposeHeaders: [
      'x-correlation-id',
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
      'idempotency-replayed',
    ],
    maxAge: REMEMBERED_S,
  })
  return async (context, next) => {
    if (allowed.length === 0) return next()
    const { method } = context.req
    // Without an origin it is no preflight, and goes on to be refused as on any other route.
    if (method === 'OPTIONS' && context.req.header('origin') === undefined) return next()
    return answer(context, next)
  }
}
