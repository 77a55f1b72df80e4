import { createMiddleware } from 'hono/factory'
import { errorResponse } from './wire-error.ts'

const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

/** Whether a Host header names this machine itself, on any port. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK.test(host)
}

/** Refuses names that another site may have pointed at this machine (DNS rebinding). */
export const hostGuard = createMiddleware(async (context, next) => {
  if (isLoopbackHost(context.req.header('host'))) return next()
  return errorResponse(
    'FORBIDDEN',
    'Baton answers only under a loopback name, so that no foreign site can reach it by a name of its own. Use http://127.0.0.1 or http://localhost with this port.',
  )
})
