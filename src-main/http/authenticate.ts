import { timingSafeEqual } from 'node:crypto'
import { correlated, correlation } from '#core/correlation.ts'
import { type Caller, LOCAL_CALLER, NOBODY } from '#core/identity/caller.ts'
import { addressOf, type Middleware } from './request-env.ts'
import type { StreamTickets } from './stream-ticket.ts'
import { errorResponse } from './wire-error.ts'

/** Tells whether a secret is the expected one, without telling by its duration how much of it was right. */
export function secretCheck(expected: string): (given: string) => boolean {
  const right = Buffer.from(expected)
  return (given) => {
    const bytes = Buffer.from(given)
    // How long it is, everybody may know.
    return bytes.length === right.length && timingSafeEqual(bytes, right)
  }
}

/** The bearer of an `Authorization` header; null where there is none, or no such thing. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1] ?? null
}

/** Who shows a bearer; null where nobody does who is let in. */
export type FindCaller = (bearer: string | null) => Promise<Caller | null>

/**
 * `isOwners` knows the secret of the token file, whose holder is the owner of the data folder; null: everybody who comes
 * here is.
 */
export function findCaller(
  isOwners: ((secret: string) => boolean) | null,
  callerOf: (bearer: string) => Promise<Caller | null>,
): FindCaller {
  return async (bearer) => {
    if (isOwners === null) return LOCAL_CALLER
    if (bearer === null) return null
    return isOwners(bearer) ? LOCAL_CALLER : callerOf(bearer)
  }
}

export interface AuthenticateOptions {
  readonly find: FindCaller
  readonly tickets: StreamTickets
  again(caller: Caller): Caller | null
  isStream(path: string): boolean
  isPublic(method: string, path: string): boolean
}

/**
 * Finds out who calls (S4): by the token file's secret, an API token, an access token, or on stream routes an open ticket
 * as `?token=`. `isPublic` names what needs no login; everything else, unknown paths included, is 401 without one.
 */
export function authenticate(options: AuthenticateOptions): Middleware {
  const { tickets } = options

  async function find(bearer: string | null, ticket: string | null): Promise<Caller | null> {
    const found = await options.find(bearer)
    if (found !== null || bearer !== null) return found
    const issuedTo = ticket === null ? null : tickets.redeem(ticket)
    // Between the ticket and the stream they may have logged out.
    return issuedTo === null ? null : options.again(issuedTo)
  }

  return async (context, next) => {
    const { method, path } = context.req
    const bearer = bearerOf(context.req.header('authorization'))
    const ticket = method === 'GET' && options.isStream(path) ? (context.req.query('token') ?? null) : null
    const caller = (await find(bearer, ticket)) ?? (options.isPublic(method, path) ? NOBODY : null)
    if (caller === null) {
      return errorResponse(
        'UNAUTHORIZED',
        'This needs a login: send "Authorization: Bearer <token>" with an access token from /api/auth/login, an API token, or the token from the file "token" in Baton\'s data folder.',
        { 'www-authenticate': 'Bearer realm="baton"' },
      )
    }
    context.set('caller', caller)
    return correlated({ ...correlation(), actor: { id: caller.id, address: addressOf(context) } }, next)
  }
}
