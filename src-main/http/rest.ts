import { OpenAPIHandler } from '@orpc/openapi/fetch'
import { type ORPCError, onError } from '@orpc/server'
import { createRouter } from '#api/create-router.ts'
import type { ApiContext } from '#api/implementer.ts'
import type { Log } from '#core/core.ts'
import { correlationId } from './correlation.ts'
import { bugMessage, wireErrorBody } from './wire-error.ts'

// oRPC types an encoder's error with `any` for its code and data; `unknown` is what we may rely on.
function encode(fault: ORPCError<string, unknown>) {
  if (fault.status >= 500 && fault.status !== 503) return wireErrorBody('INTERNAL', bugMessage())
  return wireErrorBody(fault.code, fault.message, fault.data)
}

/** Answers the routes of the contract below a prefix, or at the root; null where none fits. */
export type Rest = (request: Request, prefix: '/api' | undefined, context: ApiContext) => Promise<Response | null>

export function createRest(log: Log | undefined): Rest {
  const handler = new OpenAPIHandler(createRouter(), {
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
  return async (request, prefix, context) => {
    const at = prefix === undefined ? {} : { prefix }
    const { matched, response } = await handler.handle(request, { ...at, context })
    return matched ? response : null
  }
}
