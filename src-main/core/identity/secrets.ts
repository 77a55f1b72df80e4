import { createHash, randomBytes } from 'node:crypto'

/** A new secret of 256 bits, with a prefix by which people and scanners know what it is. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

/** What is kept of a secret. It has 256 bits of chance, so one round of SHA-256 cannot be guessed back. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
