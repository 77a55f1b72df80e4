import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'

/** What scrypt takes: `n` and `r` make memory (128 × n × r bytes), all three make time. */
export interface ScryptCost {
  readonly n: number
  readonly r: number
  readonly p: number
}

/** 128 MB and about half a second, which a person waits once and a guesser for each guess (OWASP's choice for scrypt). */
export const USUAL_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 }
/** Beyond this a file was not written by Baton; it must not make Baton work or fill memory for long. */
const MAX_COST = { n: 2 ** 20, r: 16, p: 4 }
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

function bytes(length: number) {
  return z.base64().refine((text) => Buffer.from(text, 'base64').length === length, `must be ${length} bytes`)
}

/** The parts that are not secret. What was derived from is written down, so that a later Baton may raise the cost. */
const head = z.lazy(() =>
  z.strictObject({
    version: z.literal(1),
    kdf: z.strictObject({
      name: z.literal('scrypt'),
      n: z.number().int().min(2).max(MAX_COST.n),
      r: z.number().int().min(1).max(MAX_COST.r),
      p: z.number().int().min(1).max(MAX_COST.p),
      salt: bytes(KEY_BYTES),
    }),
  }),
)
const vaultFile = z.lazy(() =>
  head.unwrap().extend({
    /** Tells a wrong passphrase from a damaged file: a code over the head, by a key of its own from the same passphrase. */
    check: bytes(KEY_BYTES),
    nonce: bytes(NONCE_BYTES),
    tag: bytes(TAG_BYTES),
    data: z.base64(),
  }),
)
export type VaultFile = z.infer<typeof vaultFile>
type Head = z.infer<typeof head>

const secrets = z.record(z.string(), z.string())
export type Secrets = Readonly<Record<string, string>>

/** What opens and closes one vault; lives in memory only. */
export interface VaultKey {
  readonly head: Head
  readonly check: Buffer
  readonly key: Buffer
}

const DAMAGED = 'The vault file is damaged or was changed by something other than Baton.'

function headText({ version, kdf }: Head): string {
  return JSON.stringify([version, kdf.name, kdf.n, kdf.r, kdf.p, kdf.salt])
}

function derive(passphrase: string, { kdf }: Head): Promise<VaultKey['key']> {
  const { n: N, r, p } = kdf
  // The same letters may be typed as different bytes on another system.
  const typed = passphrase.normalize('NFKC')
  return new Promise((resolve, reject) => {
    // What OpenSSL counts: the table, two blocks and the lanes.
    const maxmem = 128 * r * (N + p + 2) + 1_024
    scrypt(typed, Buffer.from(kdf.salt, 'base64'), 2 * KEY_BYTES, { N, r, p, maxmem }, (fault, key) =>
      fault === null ? resolve(key) : reject(fault),
    )
  })
}

async function keyOf(passphrase: string, of: Head): Promise<VaultKey> {
  const derived = await derive(passphrase, of)
  const check = createHmac('sha256', derived.subarray(KEY_BYTES)).update(headText(of)).digest()
  return { head: of, check, key: derived.subarray(0, KEY_BYTES) }
}

/** A new vault's key, with a salt of its own. */
export function newVaultKey(passphrase: string, cost: ScryptCost): Promise<VaultKey> {
  const salt = randomBytes(KEY_BYTES).toString('base64')
  return keyOf(passphrase, { version: 1, kdf: { name: 'scrypt', ...cost, salt } })
}

/** Encrypts by AES-256-GCM, each time under a nonce of its own; the head is covered too. */
export function seal(secretsNow: Secrets, { head: of, check, key }: VaultKey): VaultFile {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(headText(of)))
  const data = Buffer.concat([cipher.update(JSON.stringify(secretsNow), 'utf8'), cipher.final()])
  return {
    ...of,
    check: check.toString('base64'),
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  }
}

/** Reads the text of a vault file. */
export function parseVault(text: string): Result<VaultFile, string> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return err(DAMAGED)
  }
  const parsed = vaultFile.safeParse(json)
  return parsed.success ? ok(parsed.data) : err(DAMAGED)
}

/** Decrypts. `wrong`: the passphrase is another; `damaged`: it is the right one, and the content is not what was sealed. */
export async function unseal(
  file: VaultFile,
  passphrase: string,
): Promise<Result<{ secrets: Secrets; key: VaultKey }, { kind: 'wrong' | 'damaged'; message: string }>> {
  const { version, kdf } = file
  const key = await keyOf(passphrase, { version, kdf })
  if (!timingSafeEqual(key.check, Buffer.from(file.check, 'base64'))) {
    return err({ kind: 'wrong', message: 'That is not the passphrase of the vault. Try again.' })
  }
  const decipher = createDecipheriv('aes-256-gcm', key.key, Buffer.from(file.nonce, 'base64'), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(headText({ version, kdf }))).setAuthTag(Buffer.from(file.tag, 'base64'))
  try {
    const text = Buffer.concat([decipher.update(file.data, 'base64'), decipher.final()]).toString('utf8')
    return ok({ secrets: secrets.parse(JSON.parse(text)), key })
  } catch {
    // The tag does not fit: the only other way to come here is a key that seals what is no record of texts.
    return err({ kind: 'damaged', message: DAMAGED })
  }
}
