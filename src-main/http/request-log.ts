import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Caller } from '#core/identity/caller.ts'
import { statusOf } from './answer.ts'
import type { HostLog } from './file-log.ts'
import type { RequestEnv } from './request-env.ts'

/**
 * One line for each request (M6), with the pattern of its route and never its path, which may hold ids and tickets. Reads
 * are told at `debug`: a thousand of them a second would fill the day's room in minutes. What failed by us is a warning.
 */
export function requestLog(log: HostLog, routeOf: (context: Context<RequestEnv>) => string) {
  return createMiddleware<RequestEnv>(async (context, next) => {
    const since = performance.now()
    await next()
    const { method } = context.req
    const status = statusOf(context)
    // Whoever is refused before the login is looked at is nobody yet.
    const caller = context.get('caller') as Caller | undefined
    const fields = {
      ...{ logger: 'http', method, route: routeOf(context), status },
      duration_ms: Math.round((performance.now() - since) * 10) / 10,
      user_id: caller?.id,
    }
    if (status >= 500) log.warn('A request failed', fields)
    else if (method === 'GET' || method === 'HEAD') log.debug('A request was answered', fields)
    else log.info('A request was answered', fields)
  })
}
