import { correlated, correlation, newCorrelationId } from '#core/correlation.ts'
import type { Middleware } from './request-env.ts'

export const CORRELATION_HEADER = 'x-correlation-id'

/** A caller's id is taken over where it can stand in a log line and a header as it is. */
const SANE = /^[A-Za-z0-9._:-]{1,64}$/

/** The id of the request that is being answered; `none` outside of one. */
export function correlationId(): string {
  return correlation().correlation_id ?? 'none'
}

/** The id of a request: what its caller calls it, where that can be taken over, or a new one. */
export function correlationIdFor(given: string | undefined): string {
  return given !== undefined && SANE.test(given) ? given : newCorrelationId()
}

/** Gives each request an id, its own or a new one, and answers with it. */
export const correlate: Middleware = (context, next) => {
  const correlation_id = correlationIdFor(context.req.header(CORRELATION_HEADER))
  // Before there is an answer: some are sent as soon as they are known.
  context.env.outgoing.setHeader(CORRELATION_HEADER, correlation_id)
  return correlated({ correlation_id }, next)
}
