import { StandardOpenAPIHandler } from '@orpc/openapi/standard'
import { type ORPCError, onError } from '@orpc/server'
import { toFetchResponse, toStandardLazyRequest } from '@orpc/standard-server-fetch'
import type { Context } from 'hono'
import { createRouter } from '#api/create-router.ts'
import type { ApiContext } from '#api/implementer.ts'
import type { Log } from '#core/core.ts'
import { sendJson } from './answer.ts'
import { correlationId } from './correlation.ts'
import type { RequestEnv } from './request-env.ts'
import { bugMessage, retryAfter, wireErrorBody } from './wire-error.ts'

// oRPC types an encoder's error with `any` for its code and data; `unknown` is what we may rely on.
function encode(fault: ORPCError<string, unknown>) {
  if (fault.status >= 500 && fault.status !== 503) return wireErrorBody('INTERNAL', bugMessage())
  return wireErrorBody(fault.code, fault.message, fault.data)
}

/** Answers the routes of the contract below a prefix, or at the root; null where none fits. `request`: with its body. */
export type Rest = (
  context: Context<RequestEnv>,
  request: Request,
  prefix: '/api' | undefined,
  given: ApiContext,
) => Promise<Response | null>

/** Answers that may say when to come back. */
const WAITS = new Set([409, 429])

/**
 * oRPC in the form that knows neither fetch nor node: its answers are plain objects, which go to the line without a
 * `Request` and a `Response` of the fetch standard in between. Those cost more than everything else about a small answer.
 */
export function createRest(log: Log | undefined): Rest {
  const handler = new StandardOpenAPIHandler(createRouter(), {
    filter: ({ contract }) => contract['~orpc'].route.path !== undefined,
    customErrorResponseBodyEncoder: encode,
    // Around the procedure alone: a body that cannot be read is the caller's fault and no line in the log.
    clientInterceptors: [
      onError((fault) => {
        const status = (fault as { status?: unknown }).status
        // An absent service (503) is said to the caller and is no fault of ours.
        if (typeof status === 'number' && (status < 500 || status === 503)) return
        const cause = fault instanceof Error && fault.cause instanceof Error ? fault.cause : fault
        log?.error('a route failed', {
          correlation_id: correlationId(),
          error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
        })
      }),
    ],
  })
  return async (context, request, prefix, given) => {
    const { incoming, outgoing } = context.env
    const asked = {
      method: request.method,
      url: new URL(request.url),
      headers: incoming.headers,
      signal: request.signal,
      body: () => toStandardLazyRequest(request).body(),
    }
    const at = prefix === undefined ? {} : { prefix }
    const { matched, response } = await handler.handle(asked, { ...at, context: given })
    if (!matched) return null
    const wait = WAITS.has(response.status) ? retryAfter(response.body) : null
    if (wait !== null) outgoing.setHeader('retry-after', String(wait))
    // A body that was not announced may turn out to be too large, which is said in place of what is answered here.
    const isFinal = context.req.header('transfer-encoding') === undefined
    return isFinal ? sendJson(context, response.status, response.body) : toFetchResponse(response)
  }
}
