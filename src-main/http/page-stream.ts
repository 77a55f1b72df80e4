import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from 'hono'

/**
 * Sends texts as a download, each when the reader wants more. Others have their turn before each of them: a reader that is
 * fast enough would let none of them in until the last. Where a text cannot be made, the line breaks, so that nobody takes
 * what came for the whole.
 */
export function pageStream(context: Context, type: string, name: string, texts: Iterable<string>): Response {
  const encoder = new TextEncoder()
  const left = texts[Symbol.iterator]()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await turn()
      const next = left.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    cancel() {
      left.return?.()
    },
  })
  return context.body(body, 200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
  })
}
