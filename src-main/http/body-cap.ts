import type { Middleware } from './request-env.ts'
import { errorResponse } from './wire-error.ts'

/** Enough for the requirements and attachments of a project. */
export const MAX_BODY_BYTES = 64_000_000

/** Anybody may send one, and it holds a name and a password. */
export const MAX_LOGIN_BYTES = 16_000

function tooLarge(limit: number): Response {
  const most = limit < 1_000_000 ? `${limit} bytes` : `${Math.floor(limit / 1_000_000)} MB`
  return errorResponse(
    'TOO_LARGE',
    `The request's body is larger than ${most}, so it was not read. Send fewer or smaller files.`,
    // What follows on this connection is the rest of a body that nobody reads.
    { connection: 'close' },
  )
}

/**
 * `body`, broken at its end where it passes `limit`. What comes after it is read and dropped for a while, because a caller that is still writing
 * when its line is closed would never see why.
 */
function cut(body: ReadableStream<Uint8Array>, limit: number, onExceeded: () => void): ReadableStream<Uint8Array> {
  let bytes = 0
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (bytes <= limit) {
          controller.enqueue(chunk)
          return
        }
        onExceeded()
        if (bytes > 2 * limit) controller.error(new Error(`body exceeds twice ${limit} bytes`))
      },
      flush(controller) {
        // Its beginning may be a whole body by itself, which nobody may act upon.
        if (bytes > limit) controller.error(new Error(`body exceeds ${limit} bytes`))
      },
    }),
  )
}

/** Refuses bodies over the path's limit: announced ones before anything is read, unannounced ones when they pass it. */
export function bodyCap(limitOf: (path: string) => number = () => MAX_BODY_BYTES): Middleware {
  return async (context, next) => {
    const limit = limitOf(context.req.path)
    if (Number(context.req.header('content-length') ?? 0) > limit) return tooLarge(limit)
    if (context.req.header('transfer-encoding') === undefined || context.req.raw.body === null) return next()
    let exceeded = false
    const body = cut(context.req.raw.body, limit, () => {
      exceeded = true
    })
    const { url, method, headers } = context.req.raw
    context.req.raw = new Request(url, { method, headers, body, duplex: 'half' })
    await next()
    if (exceeded) context.res = tooLarge(limit)
    return undefined
  }
}
