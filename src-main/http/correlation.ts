import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { createMiddleware } from 'hono/factory'

export const CORRELATION_HEADER = 'x-correlation-id'

const current = new AsyncLocalStorage<string>()

/** A caller's id is taken over where it can stand in a log line and a header as it is. */
const SANE = /^[A-Za-z0-9._:-]{1,64}$/

/** The id of the request that is being answered; `none` outside of one. */
export function correlationId(): string {
  return current.getStore() ?? 'none'
}

/** Gives each request an id, its own or a new one, and answers with it. */
export const correlate = createMiddleware(async (context, next) => {
  const given = context.req.header(CORRELATION_HEADER)
  const id = given !== undefined && SANE.test(given) ? given : randomBytes(9).toString('base64url')
  await current.run(id, next)
  context.res.headers.set(CORRELATION_HEADER, id)
})
