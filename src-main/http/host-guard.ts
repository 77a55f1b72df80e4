import type { Context } from 'hono'
import type { Middleware, RequestEnv } from './request-env.ts'
import { errorResponse } from './wire-error.ts'

const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

/** Whether a Host header names this machine itself, on any port. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK.test(host)
}

/** How often a request names a header. Node takes the first of several; whoever else looked at it may have taken another. */
export function timesNamed(rawHeaders: readonly string[], header: 'host' | 'authorization'): number {
  let times = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === header.length && name.toLowerCase() === header) times += 1
  }
  return times
}

/** Whether all that says where a request goes to agrees: one Host, and the same kind of name in a whole URL as target. */
function isAddressedToUs({ req, env }: Context<RequestEnv>): boolean {
  if (!isLoopbackHost(req.header('host'))) return false
  const { url = '/', rawHeaders = [] } = env.incoming ?? {}
  if (timesNamed(rawHeaders, 'host') !== 1) return false
  return url.startsWith('/') || isLoopbackHost(new URL(req.url).host)
}

/** Refuses names that another site may have pointed at this machine (DNS rebinding). */
export const hostGuard: Middleware = async (context, next) => {
  if (isAddressedToUs(context)) return next()
  return errorResponse(
    'FORBIDDEN',
    'Baton answers only under a loopback name, so that no foreign site can reach it by a name of its own. Use http://127.0.0.1 or http://localhost with this port.',
  )
}
