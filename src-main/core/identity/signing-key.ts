import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { writeDurably } from '../store/durable-file.ts'

const keyText = z
  .string()
  .trim()
  .regex(/^[\w-]{43}$/)

/**
 * The key that signs access tokens: 32 random bytes as base64url in `<data folder>/session-key`, for its owner only, made
 * at the first login. Not in the database, so that no backup holds it. Deleting the file ends all access tokens.
 */
export function openSigningKey(dataDir: string): Result<Uint8Array, string> {
  const file = join(dataDir, 'session-key')
  try {
    if (!existsSync(file)) writeDurably(file, `${randomBytes(32).toString('base64url')}\n`)
    const kept = keyText.safeParse(readFileSync(file, 'utf8'))
    if (kept.success) return ok(Buffer.from(kept.data, 'base64url'))
    return err(`${file} does not hold a key of Baton's. Delete it; a new one is made, and everybody logs in again.`)
  } catch (fault) {
    return err(`${file} cannot be used: ${(fault as Error).message}. Check the folder's owner and permissions.`)
  }
}

/** A key made of a secret that the environment gives (`JWT_SECRET`), in place of the file's. */
export function keyOfSecret(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}
