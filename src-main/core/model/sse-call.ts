import { type CallGuard, errorCode } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { guardFault } from './guard-fault.ts'
import { readStart } from './patient-fetch.ts'
import type { TokenUsage } from './provider.ts'

/** An HTTP answer that is not 2xx. The message is the beginning of its text. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly status: number
  readonly headers: Headers
  constructor(status: number, headers: Headers, text: string) {
    super(text)
    this.status = status
    this.headers = headers
  }
}

/** Something in a stream that is not of the provider's format. */
export class StreamFormatError extends Error {
  override readonly name = 'StreamFormatError'
}

/** A GET for a list, or a POST that asks for a stream. Redirects are not followed: they would carry the key elsewhere. */
export async function request(
  guard: CallGuard,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Response> {
  const response = await guard.fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: guard.signal,
  })
  if (!response.ok) throw new HttpRefusal(response.status, response.headers, await readStart(response))
  return response
}

/** The `data` of each event of a stream of server-sent events, however it is split, also inside a character. */
export async function* sseData(response: Response): AsyncGenerator<string> {
  const type = response.headers.get('content-type') ?? ''
  if (response.body === null || !type.startsWith('text/event-stream')) {
    throw new StreamFormatError(`the answer is "${type || 'nothing'}" instead of a stream of events`)
  }
  const { createParser } = await import('eventsource-parser')
  const waiting: string[] = []
  const parser = createParser({ onEvent: (event) => void waiting.push(event.data) })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of response.body) {
    parser.feed(decode(decoder, chunk))
    yield* waiting.splice(0)
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true })
  } catch (cause) {
    throw new StreamFormatError('the text is not UTF-8', { cause })
  }
}

/** One event's JSON. */
export function parseData(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new StreamFormatError('an event is not JSON', { cause })
  }
}

export interface CallFacts {
  /** The provider as the user knows it. */
  readonly who: string
  /** What to look at where nobody answers. */
  readonly unreachable: string
  readonly paid: boolean
  readonly limits: { readonly silence_ms: number; readonly max_bytes: number }
  /** What the provider had counted before it failed. */
  readonly usage: TokenUsage | null
}

/** The fault for a call that broke without a word of the provider: ended by us, cut, unreachable or not understood. */
export function brokenCall(error: unknown, guard: CallGuard, facts: CallFacts): ModelFault {
  const { who, paid, usage } = facts
  const known = usage === null ? {} : { usage }
  const ended = guard.ended()
  if (ended !== null) return { ...guardFault(ended, who, facts.limits, paid && guard.maybeSent()), ...known }
  if (!guard.maybeSent()) {
    return {
      kind: 'unavailable',
      message: `${who} cannot be reached (${errorCode(error) || 'no connection'}). ${facts.unreachable}`,
      maybe_billed: false,
    }
  }
  const billed = paid ? ' The call may be billed.' : ''
  if (error instanceof StreamFormatError) {
    return {
      kind: 'invalid',
      message: `${who} sent something that is not of its format: ${error.message}. Try again.${billed}`,
      maybe_billed: paid,
      ...known,
    }
  }
  return {
    kind: 'truncated',
    message: `The connection to ${who} was cut before the answer was complete (${errorCode(error) || 'stream ended'}). Try again.${billed}`,
    maybe_billed: paid,
    ...known,
  }
}
