import type { IncomingMessage } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Answer } from './listen.ts'
import { unreadable } from './refuse-unreadable.ts'
import type { Line } from './request-env.ts'

/** Has a hono app answer what comes over Node's `http`. */
export function honoListener(fetch: (request: Request, line: Line) => Response | Promise<Response>): Answer {
  /** What came after the head of requests for another protocol. */
  const upgrades = new WeakMap<IncomingMessage, Buffer>()
  const answer = getRequestListener(
    (request, bindings) => {
      const line = bindings as Line
      const upgrade = upgrades.get(line.incoming)
      return fetch(request, upgrade === undefined ? line : { ...line, upgrade })
    },
    { overrideGlobalObjects: false, errorHandler: unreadable },
  )
  return async (incoming, outgoing, upgrade) => {
    if (upgrade !== undefined) upgrades.set(incoming, upgrade)
    await answer(incoming, outgoing)
  }
}
