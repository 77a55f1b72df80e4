import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { userId } from '#contract/ids.ts'
import type { Result } from '#contract/result.ts'

const ISSUER = 'baton'
/** The one algorithm: a token that names another is none of ours. */
const ALGORITHM = 'HS256'
/** Tokens whose signature need not be checked again. */
const MAX_KNOWN = 5_000

const claims = z.object({ sub: userId, sid: z.number().int().positive(), exp: z.number().int() })
export type AccessClaims = z.infer<typeof claims>

/** Signs and reads access tokens: JWTs that name a user and a session. Whether both still live is asked elsewhere. */
export interface AccessTokens {
  /** `seconds`: how long it is good. */
  sign(of: { sub: string; sid: number }, seconds: number): Promise<Result<string, string>>
  /** What a good token says; null for any other. */
  read(token: string): Promise<AccessClaims | null>
}

const load = () => import('jose')

/**
 * `key` is asked for with the first token. `audience` names this history of the database: after a restore, sessions of the
 * other one mean nothing.
 */
export function createAccessTokens(key: () => Result<Uint8Array, string>, audience: string): AccessTokens {
  const known = new Map<string, AccessClaims>()

  async function verified(token: string): Promise<AccessClaims | null> {
    const secret = key()
    if (!secret.ok) return null
    const { errors, jwtVerify } = await load()
    try {
      const { payload } = await jwtVerify(token, secret.value, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience,
        requiredClaims: ['exp', 'iat', 'jti', 'sub'],
      })
      return claims.safeParse(payload).data ?? null
    } catch (fault) {
      // Not one of ours, or no longer good: both are the caller's affair.
      if (fault instanceof errors.JOSEError) return null
      throw fault
    }
  }

  return {
    async sign({ sub, sid }, seconds) {
      const secret = key()
      if (!secret.ok) return secret
      const { SignJWT } = await load()
      const token = await new SignJWT({ sid })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${seconds} s`)
        .sign(secret.value)
      return { ok: true, value: token }
    },
    async read(token) {
      const before = known.get(token)
      if (before !== undefined) {
        if (before.exp * 1_000 > Date.now()) return before
        known.delete(token)
        return null
      }
      const read = await verified(token)
      if (read === null) return null
      if (known.size >= MAX_KNOWN) known.clear()
      known.set(token, read)
      return read
    },
  }
}
