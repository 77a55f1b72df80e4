import { StandardOpenAPIHandler } from '@orpc/openapi/standard'
import { type ORPCError, onError } from '@orpc/server'
import { toFetchResponse, toStandardLazyRequest } from '@orpc/standard-server-fetch'
import type { Context } from 'hono'
import { createRouter } from '#api/create-router.ts'
import type { ApiContext } from '#api/implementer.ts'
import { NO_JOB_HEADER } from '#contract/job.ts'
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

/** What is asked of the contract; `body` is called at most once, after a route was found. */
export type Asked = Parameters<StandardOpenAPIHandler<ApiContext>['handle']>[0]

type Handled = Awaited<ReturnType<StandardOpenAPIHandler<ApiContext>['handle']>>

/** What a route of the contract answers, after how long it says to come back (s), and why it has nothing to give. */
export type RestAnswer = NonNullable<Handled['response']> & {
  readonly retry_after_s: number | null
  readonly no_job_reason: string | null
}

/** Answers the routes of the contract below a prefix, or at the root; null where none fits, and then nothing was done. */
export type Rest = (asked: Asked, prefix: '/api' | undefined, given: ApiContext) => Promise<RestAnswer | null>

export interface RestRoutes {
  readonly rest: Rest
  /** The same for a request that came through hono. `request`: with its body. */
  throughHono(
    context: Context<RequestEnv>,
    request: Request,
    prefix: '/api' | undefined,
    given: ApiContext,
  ): Promise<Response | null>
}

/** Answers that may say when to come back. */
const WAITS = new Set([409, 429])

/**
 * oRPC in the form that knows neither fetch nor node: its answers are plain objects, which go to the line without a
 * `Request` and a `Response` of the fetch standard in between. Those cost more than everything else about a small answer.
 */
export function createRest(log: Log | undefined): RestRoutes {
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
  const rest: Rest = async (asked, prefix, given) => {
    const at = prefix === undefined ? {} : { prefix }
    const { matched, response } = await handler.handle(asked, { ...at, context: given })
    if (!matched) return null
    const reason = response.status === 204 ? response.headers[NO_JOB_HEADER] : undefined
    return {
      ...response,
      retry_after_s: WAITS.has(response.status) ? retryAfter(response.body) : null,
      no_job_reason: typeof reason === 'string' ? reason : null,
    }
  }
  return {
    rest,
    async throughHono(context, request, prefix, given) {
      const { incoming, outgoing } = context.env
      const asked = {
        method: request.method,
        url: new URL(request.url),
        headers: incoming.headers,
        signal: request.signal,
        body: () => toStandardLazyRequest(request).body(),
      }
      const answer = await rest(asked, prefix, given)
      if (answer === null) return null
      if (answer.retry_after_s !== null) outgoing.setHeader('retry-after', String(answer.retry_after_s))
      if (answer.no_job_reason !== null) outgoing.setHeader(NO_JOB_HEADER, answer.no_job_reason)
      // A body that was not announced may turn out to be too large, which is said in place of what is answered here.
      const isFinal = context.req.header('transfer-encoding') === undefined
      return isFinal ? sendJson(context, answer.status, answer.body) : toFetchResponse(answer)
    },
  }
}
