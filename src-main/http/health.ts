import type { Core } from '#core/core.ts'
import { correlated } from '#core/correlation.ts'
import { NOBODY } from '#core/identity/caller.ts'
import type { FindCaller } from './authenticate.ts'
import { CORRELATION_HEADER, correlationIdFor } from './correlation.ts'
import { attempt, CONSTANT_HEADERS, type Direct, send } from './direct.ts'
import type { HostLog } from './file-log.ts'
import { plainRequest } from './plain-request.ts'
import { logRequest } from './request-log.ts'
import type { Traffic } from './traffic.ts'

export const HEALTH_ROUTE = '/health'
export const HEALTH_PATHS: readonly string[] = [HEALTH_ROUTE, '/api/health']

/** What both ways answer. */
export function healthAnswer(core: Core, requests: number): { status: 200 | 503; body: object } {
  const health = core.system.health()
  const metrics = { ...health.metrics, total_requests: requests }
  return { status: health.status === 'unhealthy' ? 503 : 200, body: { ...health, metrics } }
}

export interface HealthParts {
  readonly core: Core
  readonly log: HostLog | undefined
  readonly find: FindCaller
  readonly traffic: Traffic
}

/**
 * The short way to /health, which needs no login. Whoever starts Baton asks for it first, so that nobody waits for the app
 * to be loaded to learn that Baton is there.
 */
export function createDirectHealth({ core, log, find, traffic }: HealthParts): Direct {
  return async (incoming, outgoing) => {
    const asked = plainRequest(incoming)
    if (asked?.method !== 'GET') return false
    const since = performance.now()
    // What goes wrong here goes wrong in the app too, which says so.
    const caller = await find(asked.bearer).then(
      (found) => found ?? NOBODY,
      () => null,
    )
    if (caller === null) return false
    const address = incoming.socket.remoteAddress ?? null
    const correlation_id = correlationIdFor(incoming.headers[CORRELATION_HEADER]?.toString())
    return correlated({ correlation_id, actor: { id: caller.id, address } }, () => {
      const answer = attempt(() => healthAnswer(core, traffic.requests() + 1))
      if (answer === null) return false
      traffic.came()
      const { status, body } = answer
      send(outgoing, status, [...CONSTANT_HEADERS, CORRELATION_HEADER, correlation_id], body)
      const ms = performance.now() - since
      traffic.answered({ method: 'GET', route: HEALTH_ROUTE, status, seconds: ms / 1_000 })
      if (log !== undefined) {
        logRequest(log, { method: 'GET', route: HEALTH_ROUTE, status, duration_ms: ms, user_id: caller.id })
      }
      return true
    })
  }
}
