/** Of one answer, streams included. */
const MAX_BYTES = 16_000_000

/**
 * A fetch for a server that a person trusted by its URL: bounded, without cookies, and never to another place than that URL's
 * origin (the transport follows redirects within it alone).
 */
export async function boundedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, { ...init, credentials: 'omit', referrerPolicy: 'no-referrer' })
  if (answer.body === null) return answer
  let bytes = 0
  const bounded = answer.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        bytes += piece.length
        if (bytes > MAX_BYTES) controller.error(new Error(`it sent more than ${MAX_BYTES} bytes`))
        else controller.enqueue(piece)
      },
    }),
  )
  return new Response(bounded, { status: answer.status, statusText: answer.statusText, headers: answer.headers })
}
