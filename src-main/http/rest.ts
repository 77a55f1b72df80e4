import type { IncomingHttpHeaders } from 'node:http'
import { toORPCError } from '@orpc/client'
import { StandardOpenAPICodec } from '@orpc/openapi/standard'
import {
  StandardBracketNotationSerializer,
  StandardOpenAPIJsonSerializer,
  StandardOpenAPISerializer,
} from '@orpc/openapi-client/standard'
import { ORPCError } from '@orpc/server'
import { toFetchResponse, toStandardLazyRequest } from '@orpc/standard-server-fetch'
import type { Context } from 'hono'
import { createRouter } from '#api/create-router.ts'
import type { ApiContext } from '#api/implementer.ts'
import { NO_JOB_HEADER } from '#contract/job-words.ts'
import type { Core, Log } from '#core/core.ts'
import { sendJson } from './answer.ts'
import { correlationId } from './correlation.ts'
import { createFindRoute, type FoundRoute } from './find-route.ts'
import { createKnownReads, type KnownReads } from './known-reads.ts'
import type { RequestEnv } from './request-env.ts'
import { bugMessage, retryAfter, wireErrorBody } from './wire-error.ts'

// oRPC types an encoder's error with `any` for its code and data; `unknown` is what we may rely on.
function encode(fault: ORPCError<string, unknown>) {
  if (fault.status >= 500 && fault.status !== 503) return wireErrorBody('INTERNAL', bugMessage())
  return wireErrorBody(fault.code, fault.message, fault.data)
}

/** What is asked of the contract. */
export interface Asked {
  readonly method: string
  /** As it stands in the address, with the prefix, without the query. */
  readonly path: string
  /** The query with its question mark; empty where there is none. */
  readonly search: string
  readonly headers: IncomingHttpHeaders
  /** Ends with the request. */
  readonly signal: AbortSignal
  /** Is called at most once, after a route was found. */
  body(): Promise<unknown>
}

/** What a route of the contract answers, after how long it says to come back (s), and why it has nothing to give. */
export interface RestAnswer {
  readonly status: number
  readonly body: unknown
  readonly retry_after_s: number | null
  readonly no_job_reason: string | null
}

/** Answers the routes of the contract below a prefix, or at the root; null where none fits, and then nothing was done. */
export type Rest = (asked: Asked, prefix: '/api' | undefined, given: ApiContext) => Promise<RestAnswer | null>

export interface RestRoutes {
  readonly rest: Rest
  readonly known: KnownReads
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

/** The schema of a route's output has made plain data of it, of which `JSON.stringify` makes what oRPC would. */
class PlainSerializer extends StandardOpenAPISerializer {
  override serialize(data: unknown): unknown {
    return data
  }
}

/** `path` below `prefix`, without a slash at its end; null where it is not below it. */
function below(path: string, prefix: '/api' | undefined): `/${string}` | null {
  if (prefix !== undefined && path !== prefix && !path.startsWith(`${prefix}/`)) return null
  const rest = path.slice(prefix?.length ?? 0)
  return `/${rest.slice(rest.startsWith('/') ? 1 : 0, rest.length > 1 && rest.endsWith('/') ? -1 : undefined)}`
}

/**
 * The contract over HTTP, put together from oRPC's parts in the form that knows neither fetch nor node: its answers are plain
 * objects, which go to the line without a `Request` and a `Response` of the fetch standard in between. Those cost more than
 * everything else about a small answer; so does much of what oRPC's own handler does around these parts.
 */
export function createRest(core: Core, log: Log | undefined): RestRoutes {
  const serializer = new PlainSerializer(new StandardOpenAPIJsonSerializer(), new StandardBracketNotationSerializer())
  const codec = new StandardOpenAPICodec(serializer, { customErrorResponseBodyEncoder: encode })
  // Around the procedure alone: a body that cannot be read is the caller's fault and no line in the log.
  const findRoute = createFindRoute(createRouter(), (fault) => {
    const status = (fault as { status?: unknown }).status
    // An absent service (503) is said to the caller and is no fault of ours.
    if (typeof status === 'number' && (status < 500 || status === 503)) return
    const cause = fault instanceof Error && fault.cause instanceof Error ? fault.cause : fault
    log?.error('a route failed', {
      correlation_id: correlationId(),
      error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    })
  })

  function inputOf(asked: Asked, { params, procedure }: FoundRoute): unknown {
    const { method, search, path } = asked
    // Without a query, what oRPC would make of a URL's parts is what the path says.
    const { inputStructure = 'compact' } = procedure['~orpc'].route
    if (method === 'GET' && search === '' && inputStructure === 'compact') return params ?? {}
    const url = new URL(`${path}${search}`, 'http://localhost')
    return codec.decode({ ...asked, url }, params, procedure)
  }

  async function answerOf(asked: Asked, found: FoundRoute, context: ApiContext) {
    let input: unknown
    try {
      input = await inputOf(asked, found)
    } catch (cause) {
      const message =
        "Malformed request. Ensure the request body is properly formatted and the 'Content-Type' header is set correctly."
      return codec.encodeError(
        cause instanceof ORPCError ? cause : new ORPCError('BAD_REQUEST', { status: 400, message, cause }),
      )
    }
    try {
      const output = await found.call(input, { context, signal: asked.signal })
      return codec.encode(output, found.procedure)
    } catch (fault) {
      return codec.encodeError(toORPCError(fault))
    }
  }

  const rest: Rest = async (asked, prefix, given) => {
    const path = below(asked.path, prefix)
    const found = path === null ? null : await findRoute(asked.method, path)
    if (found === null) return null
    const { status, headers, body } = await answerOf(asked, found, given)
    const reason = status === 204 ? headers[NO_JOB_HEADER] : undefined
    return {
      status,
      body,
      retry_after_s: WAITS.has(status) ? retryAfter(body) : null,
      no_job_reason: typeof reason === 'string' ? reason : null,
    }
  }
  return {
    rest,
    known: createKnownReads(core),
    async throughHono(context, request, prefix, given) {
      const { incoming, outgoing } = context.env
      const { pathname: path, search } = new URL(request.url)
      const { method, signal } = request
      const body = () => toStandardLazyRequest(request).body()
      const answer = await rest({ method, path, search, headers: incoming.headers, signal, body }, prefix, given)
      if (answer === null) return null
      if (answer.retry_after_s !== null) outgoing.setHeader('retry-after', String(answer.retry_after_s))
      if (answer.no_job_reason !== null) outgoing.setHeader(NO_JOB_HEADER, answer.no_job_reason)
      // A body that was not announced may turn out to be too large, which is said in place of what is answered here.
      const isFinal = context.req.header('transfer-encoding') === undefined
      if (isFinal) return sendJson(context, answer.status, answer.body)
      return toFetchResponse({ status: answer.status, headers: {}, body: answer.body })
    },
  }
}
