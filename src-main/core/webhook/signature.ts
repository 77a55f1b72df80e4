import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '#contract/result.ts'

/** How far a stamp may be from now, in seconds, either way. */
export const TOLERANCE_S = 300
const MAX_HEADER = 4_096
const STAMP = /^\d{1,12}$/
const MAC = /^[0-9a-f]{64}$/i

function macOf(secret: string, stamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${stamp}.`).update(body).digest()
}

/**
 * The header `X-Signature` for `body`: `t=<unix seconds>,v1=<hex>`, one `v1` for each secret (WIRE §7). The MAC is
 * HMAC-SHA256 over `<t>.<body>`, keyed with the secret as UTF-8.
 */
export function sign(secrets: readonly string[], body: Uint8Array, nowMs: number): string {
  const stamp = String(Math.floor(nowMs / 1_000))
  return [`t=${stamp}`, ...secrets.map((secret) => `v1=${macOf(secret, stamp, body).toString('hex')}`)].join(',')
}

/** Why a signature does not count. */
export type SignatureFault = 'missing' | 'malformed' | 'wrong' | 'stale'

/**
 * Checks `X-Signature` against the raw bytes. Any of the secrets and any `v1` will do; other schemes are passed over. The
 * age is looked at last, so that it says nothing to who has no secret. Answers with what tells this message from all others,
 * whichever secret signed it.
 */
export function verify(
  header: string | undefined,
  body: Uint8Array,
  secrets: readonly string[],
  nowMs: number,
): Result<string, SignatureFault> {
  if (header === undefined || header === '') return err('missing')
  if (header.length > MAX_HEADER) return err('malformed')
  const parts = header.split(',').map((part) => part.trim())
  const valuesOf = (name: string) =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1))
  const [stamp, ...otherStamps] = valuesOf('t')
  const macs = valuesOf('v1')
    .filter((mac) => MAC.test(mac))
    .map((mac) => Buffer.from(mac, 'hex'))
  if (stamp === undefined || otherStamps.length > 0 || !STAMP.test(stamp) || macs.length === 0) return err('malformed')
  const expected = secrets.filter((secret) => secret !== '').map((secret) => macOf(secret, stamp, body))
  const isOurs = expected.some((own) => macs.some((mac) => mac.length === own.length && timingSafeEqual(mac, own)))
  if (!isOurs) return err('wrong')
  if (Math.abs(nowMs / 1_000 - Number(stamp)) > TOLERANCE_S) return err('stale')
  return ok(
    createHash('sha256')
      .update(`${Number(stamp)}.`)
      .update(body)
      .digest('base64url'),
  )
}
