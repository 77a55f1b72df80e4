import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'

const tokenText = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{43}$/)

/**
 * The secret that opens the REST port: 32 random bytes, base64url, in `<data folder>/token`, readable by its owner only.
 * Made at the first call. The error says what is wrong with the file.
 */
export function openAccessToken(dataDir: string): Result<{ token: string; file: string }, string> {
  const file = join(dataDir, 'token')
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') {
      return err(
        `The access token could not be written to ${file}: ${(fault as Error).message}. Check the folder's permissions.`,
      )
    }
  }
  try {
    chmodSync(file, 0o600)
    const parsed = tokenText.safeParse(readFileSync(file, 'utf8'))
    if (!parsed.success)
      return err(`${file} does not hold a token of Baton's. Delete it and start again; a new one is made.`)
    return ok({ token: parsed.data, file })
  } catch (fault) {
    return err(
      `The access token could not be read from ${file}: ${(fault as Error).message}. Check the file's owner and permissions.`,
    )
  }
}
