import type { Middleware } from './request-env.ts'
import { errorResponse } from './wire-error.ts'

/** Whether a page of `origin` may call a server that was addressed as `host`. Absent origin: not a page of another site. */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true
  // `null` is what sandboxed and local pages of anyone send; naming it would open the port to all of them.
  if (origin === 'null') return false
  return origin === `http://${host}` || allowed.includes(origin)
}

/** Refuses calls from pages of other sites. */
export function originGuard(allowed: readonly string[]): Middleware {
  return async (context, next) => {
    const origin = context.req.header('origin')
    if (isAllowedOrigin(origin, context.req.header('host'), allowed)) return next()
    return errorResponse(
      'FORBIDDEN',
      'This call comes from a page of another site, which may not use Baton. Open the UI from this server, or name the origin in CORS_ORIGINS.',
    )
  }
}
