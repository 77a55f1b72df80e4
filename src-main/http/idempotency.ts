import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { Once } from '#api/keyed-call.ts'
import type { RequestEnv } from './request-env.ts'

export const IDEMPOTENCY_HEADER = 'idempotency-key'
const REPLAYED_HEADER = 'idempotency-replayed'
const KEY = /^[\x21-\x7e]{1,255}$/

/** What a key may look like, for whoever sent another. */
export const KEY_WORDS =
  'An Idempotency-Key has 1 to 255 printable ASCII characters without spaces. A UUID is a good one.'

/** The request with its body read once, so that it can be told from others, and how. */
export interface KeyedRequest {
  readonly request: Request
  readonly once: Once
}

/** Null: there is no key. `bad`: one that cannot be one. */
export async function keyedRequest(context: Context<RequestEnv>): Promise<KeyedRequest | null | 'bad'> {
  const key = context.req.header(IDEMPOTENCY_HEADER)
  const { raw, method, path } = context.req
  if (key === undefined || method !== 'POST') return null
  if (!KEY.test(key)) return 'bad'
  const body = new Uint8Array(await raw.arrayBuffer())
  // A route is the same one at the root.
  const place = path.replace(/^\/api(?=\/)/, '')
  const digest = createHash('sha256').update(`${place}\0`).update(body).digest('base64url')
  const { url, headers, signal } = raw
  return {
    request: new Request(url, { method, headers, signal, ...(body.byteLength > 0 && { body }) }),
    once: { key, digest, onReplay: () => void context.env.outgoing.setHeader(REPLAYED_HEADER, 'true') },
  }
}
