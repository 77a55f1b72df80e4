import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { StreamTickets } from './stream-ticket.ts'
import { errorResponse } from './wire-error.ts'

/** Compares without telling by its duration how much of the secret was right. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function bearerOf(header: string | undefined): string | null {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1] ?? null
}

/**
 * Lets in who shows `token`, and on stream routes who shows an open ticket as `?token=`.
 * `isPublic` names what needs no login; everything else, unknown paths included, is 401 without one.
 */
export function bearerAuth(options: {
  readonly token: string
  readonly tickets: StreamTickets
  isStream(path: string): boolean
  isPublic(method: string, path: string): boolean
}) {
  return createMiddleware(async (context, next) => {
    const { method, path } = context.req
    if (options.isPublic(method, path)) return next()
    const bearer = bearerOf(context.req.header('authorization'))
    if (bearer !== null && isSameSecret(bearer, options.token)) return next()
    const ticket = context.req.query('token')
    if (method === 'GET' && ticket !== undefined && options.isStream(path) && options.tickets.redeem(ticket)) {
      return next()
    }
    return errorResponse(
      'UNAUTHORIZED',
      'This needs a login: send "Authorization: Bearer <token>" with the token from the file "token" in Baton\'s data folder.',
      { 'www-authenticate': 'Bearer realm="baton"' },
    )
  })
}
