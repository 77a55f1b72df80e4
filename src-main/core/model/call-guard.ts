/** Why a guarded call was ended by us. */
export type GuardEnd = 'aborted' | 'timeout' | 'too_large'

/** A part of a fetch's answer that our code needs; global fetch and undici's both fit. */
type FetchLike = (url: string, init: RequestInit) => Promise<Response>

export interface CallGuard {
  /** Ends when the caller aborts, the server falls silent, or the answer is too large. */
  readonly signal: AbortSignal
  /** A `fetch` for the SDK that watches the answer. */
  readonly fetch: typeof fetch
  /** Why we ended the call; null while we did not. */
  ended(): GuardEnd | null
  /** False only while it is certain that no byte of the request left this machine's reach. */
  maybeSent(): boolean
  dispose(): void
}

export interface GuardOptions {
  readonly signal: AbortSignal
  /** Longest time without a byte from the server, in ms. */
  readonly silence_ms: number
  /** Most bytes taken from one answer. */
  readonly max_bytes: number
  readonly fetch: FetchLike
  /** Called with each chunk before the SDK sees it. What it throws ends the stream with that error. */
  readonly onChunk?: (chunk: Uint8Array) => void
  /** Called when the stream ends by itself. What it throws ends the stream with that error. */
  readonly onEnd?: () => void
}

/** What fetch calls a port that it never connects to (WHATWG's list of bad ports); such an error has no code. */
const BAD_PORT = 'bad port'

/** Errors of a connection that never came about, so the request was certainly not delivered. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  BAD_PORT,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** The first `code` in an error's chain of causes, or `bad port`; empty where there is none. */
export function errorCode(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code
    if (at.message === BAD_PORT) return BAD_PORT
    // Happy eyeballs: every address was tried, each failure is listed.
    if (at instanceof AggregateError && at.errors.length > 0) return errorCode(at.errors[0])
  }
  return ''
}

/**
 * Watches one call of a provider: ends it on abort, silence or too many bytes, and remembers which of these it was,
 * because the SDKs report all of them as the same abort. Local servers are hostile: nothing they send is unbounded.
 */
export function guardCall(options: GuardOptions): CallGuard {
  const controller = new AbortController()
  let ended: GuardEnd | null = null
  let sent = false
  let bytes = 0

  const end = (why: GuardEnd) => {
    if (ended !== null) return
    ended = why
    controller.abort()
  }
  const onAbort = () => end(isTimeout(options.signal.reason) ? 'timeout' : 'aborted')
  const timer = setTimeout(() => end('timeout'), options.silence_ms)
  if (options.signal.aborted) onAbort()
  else options.signal.addEventListener('abort', onAbort, { once: true })

  const watch = () =>
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, stream) {
        timer.refresh()
        bytes += chunk.byteLength
        if (bytes > options.max_bytes) end('too_large')
        options.onChunk?.(chunk)
        stream.enqueue(chunk)
      },
      flush: () => options.onEnd?.(),
    })

  return {
    signal: controller.signal,
    fetch: async (input, init) => {
      controller.signal.throwIfAborted()
      sent = true
      const signals = [controller.signal, ...(init?.signal ? [init.signal] : [])]
      const url = input instanceof Request ? input.url : String(input)
      try {
        const response = await options.fetch(url, { ...init, signal: AbortSignal.any(signals) })
        timer.refresh()
        const body = response.body?.pipeThrough(watch()) ?? null
        return new Response(body, {
          status: response.status,
          statusText: response.statusText,
          headers: response.headers,
        })
      } catch (error) {
        if (NOT_CONNECTED.has(errorCode(error))) sent = false
        throw error
      }
    },
    ended: () => ended,
    maybeSent: () => sent,
    dispose: () => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', onAbort)
    },
  }
}

/** Whether a signal was ended by `AbortSignal.timeout`, as a step's time limit is. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}
