import type { IncomingMessage } from 'node:http'
import { bearerOf } from './authenticate.ts'
import { MAX_BODY_BYTES } from './body-cap.ts'
import { isLoopbackHost, timesNamed } from './host-guard.ts'
import { IDEMPOTENCY_HEADER } from './idempotency.ts'
import { isAllowedOrigin } from './origin-guard.ts'

/** A request of which nothing has to be refused before it is known who makes it (S4), and that may be one of the contract's. */
export interface PlainRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** The query with its question mark; empty where there is none. */
  readonly search: string
  /** Below which the contract's routes are looked for. */
  readonly prefix: '/api' | undefined
  readonly bearer: string | null
  /** Bytes of the body that comes: JSON of a length that was announced and is allowed. */
  readonly body_bytes: number
}

const READS = new Set(['GET'])
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
/** What answers at the root, too (A2), does so to these. */
const AT_ROOT = new Set(['GET', 'POST', 'PUT'])
/** A path that can be spelled in no other way: no escapes, no dots, no empty parts. */
const PLAIN_URL = /^(?:\/api)?(?:\/[\w-]+)+(?:\?[\x21\x22\x24-\x7e]*)?$/
const ROOT_PATH = /^\/(?:(?:runs|jobs)(?:\/.*)?|dispatch|health|tasks\/[^/]+\/runs)$/
const LENGTH = /^\d{1,9}$/

/**
 * `incoming` where it is plain; null for all else. Null refuses nothing: it goes to the app, which looks at each request from
 * the first check to the last. So whatever is in doubt here is null.
 */
export function plainRequest(
  incoming: Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>,
): PlainRequest | null {
  const { method = '', url = '', headers, rawHeaders } = incoming
  if (!PLAIN_URL.test(url) || !isLoopbackHost(headers.host) || timesNamed(rawHeaders, 'host') !== 1) return null
  if (timesNamed(rawHeaders, 'authorization') > 1) return null
  if (!isAllowedOrigin(headers.origin, headers.host, [])) return null
  if (headers.upgrade !== undefined || headers[IDEMPOTENCY_HEADER] !== undefined) return null
  const length = headers['content-length'] ?? '0'
  if (headers['transfer-encoding'] !== undefined || !LENGTH.test(length) || Number(length) > MAX_BODY_BYTES) return null
  const body_bytes = Number(length)
  if (!(READS.has(method) && body_bytes === 0) && !WRITES.has(method)) return null
  const type = headers['content-type']
  if (headers['content-disposition'] !== undefined || !(type?.startsWith('application/json') ?? true)) return null
  // A path that can be spelled in no other way is what a URL would make of it.
  const end = url.includes('?') ? url.indexOf('?') : url.length
  const path = url.slice(0, end)
  const isBelowApi = url.startsWith('/api/')
  if (!isBelowApi && !(AT_ROOT.has(method) && ROOT_PATH.test(path))) return null
  return {
    ...{ method, path, search: url.slice(end), prefix: isBelowApi ? '/api' : undefined, body_bytes },
    bearer: bearerOf(headers.authorization),
  }
}
