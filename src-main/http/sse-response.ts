import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'

/** How long one write may wait for a reader that reads nothing. */
export const STALL_MS = 30_000

/** Who counts streams and what is sent on them. */
export interface StreamWatch {
  streamOpened(): void
  streamClosed(): void
  streamSent(): void
}

/**
 * Items as server-sent events. Nothing is taken from `items` faster than the reader takes it; a reader that takes nothing
 * for `stallMs` is dropped (A4). `reader` aborts when the line ends, however it does.
 */
export function sseResponse<T>(
  context: Context,
  items: AsyncIterable<T>,
  reader: AbortController,
  write: (stream: SSEStreamingApi, item: T) => Promise<void>,
  stallMs: number = STALL_MS,
  watch?: StreamWatch,
): Response {
  const response = streamSSE(context, async (stream) => {
    const drop = () => {
      reader.abort()
      stream.abort()
    }
    stream.onAbort(() => reader.abort())
    watch?.streamOpened()
    try {
      for await (const item of items) {
        // It resumes by id (A4).
        const patience = setTimeout(drop, stallMs)
        await write(stream, item)
        clearTimeout(patience)
        watch?.streamSent()
        if (stream.aborted) return
      }
    } finally {
      watch?.streamClosed()
      reader.abort()
    }
  })
  // Proxies must not hold events back.
  response.headers.set('x-accel-buffering', 'no')
  return response
}
