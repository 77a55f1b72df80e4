import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import type { Middleware, RequestEnv } from './request-env.ts'

/** Sends `body` as JSON at once, past the `Response` that others make; undefined is no body. */
export function sendJson(context: Context<RequestEnv>, status: number, body: unknown): Response {
  const { outgoing } = context.env
  const text = JSON.stringify(body)
  if (text === undefined) outgoing.writeHead(status).end()
  else {
    outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    outgoing.end(text)
  }
  return RESPONSE_ALREADY_SENT
}

/** Puts headers that were prepared for the answer on the line, because some are sent as soon as they are known. */
export const headersToLine: Middleware = (context, next) => {
  const { outgoing } = context.env
  for (const [name, value] of context.res.headers) outgoing.setHeader(name, value)
  outgoing.setHeader('vary', 'Origin')
  return next()
}
