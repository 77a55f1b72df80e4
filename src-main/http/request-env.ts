import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import type { Caller } from '#core/identity/caller.ts'
import type { Metrics } from './metrics.ts'
import type { RateState } from './rate-limits.ts'

/** The line that a request came on. */
export interface Line extends HttpBindings {
  /** What came after the head of a request for another protocol; absent where none was asked for. */
  readonly upgrade?: Buffer
}

/** What checks in front of the routes leave behind for them. */
export interface RequestEnv {
  readonly Bindings: Line
  readonly Variables: {
    /** Who makes the request, or nobody where it needs no login. */
    caller: Caller
    rate?: RateState
    /** Absent where nobody asks for them: on the private socket. */
    metrics?: Metrics
    /** The pattern of the route that answers. */
    route?: string
  }
}

/**
 * What stands in front of the routes. A type and no more: the short way shares files with these, and must not load hono.
 */
export type Middleware = MiddlewareHandler<RequestEnv>

/** Where a request came from; null on the private socket, which only this machine's owner can open. */
export function addressOf(context: Context<RequestEnv>): string | null {
  return context.env.incoming.socket.remoteAddress ?? null
}

/** What was or will be answered. */
export function statusOf(context: Context<RequestEnv>): number {
  const { outgoing } = context.env
  return outgoing.headersSent ? outgoing.statusCode : context.res.status
}
