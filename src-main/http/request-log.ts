import type { Context } from 'hono'
import type { Caller } from '#core/identity/caller.ts'
import type { HostLog } from './file-log.ts'
import { type Middleware, type RequestEnv, statusOf } from './request-env.ts'

/** A request that was answered, as the log tells of it. */
export interface LoggedRequest {
  readonly method: string
  /** The pattern of its route and never its path, which may hold ids and tickets. */
  readonly route: string
  readonly status: number
  readonly duration_ms: number
  /** Absent: whoever is refused before the login is looked at is nobody yet. */
  readonly user_id: string | undefined
}

/**
 * Writes one line for a request (M6). Reads are told at `debug`: a thousand of them a second would fill the day's room in
 * minutes. What failed by us is a warning.
 */
export function logRequest(log: HostLog, request: LoggedRequest): void {
  const { method, status, duration_ms } = request
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && status < 500 && !log.isDebug) return
  const fields = { logger: 'http', ...request, duration_ms: Math.round(duration_ms * 10) / 10 }
  if (status >= 500) log.warn('A request failed', fields)
  else if (isRead) log.debug('A request was answered', fields)
  else log.info('A request was answered', fields)
}

/** Has each request that passes told in the log. */
export function requestLog(log: HostLog, routeOf: (context: Context<RequestEnv>) => string): Middleware {
  return async (context, next) => {
    const since = performance.now()
    await next()
    const caller = context.get('caller') as Caller | undefined
    logRequest(log, {
      ...{ method: context.req.method, route: routeOf(context), status: statusOf(context) },
      ...{ duration_ms: performance.now() - since, user_id: caller?.id },
    })
  }
}
