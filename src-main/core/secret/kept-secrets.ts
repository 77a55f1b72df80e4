import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import type { Keychain } from '../core.ts'
import { writeDurably } from '../store/durable-file.ts'

/** Secrets by name, such as those that webhooks are signed with: never in the database, events or logs (S8). */
export interface KeptSecrets {
  /** Null: there is none of that name. The error says why nobody can tell. */
  get(name: string): Promise<Result<string | null, string>>
  set(name: string, secret: string): Promise<Result<void, string>>
  remove(name: string): Promise<Result<void, string>>
}

const content = z.record(z.string(), z.string())

/**
 * In the operating system's keychain; where none answers, in `<data folder>/webhook-secrets.json`, which only its owner
 * can read and no backup holds, like the file "token" beside it. What was read once is remembered.
 */
export function createKeptSecrets(dataDir: string, keychain: Keychain | undefined): KeptSecrets {
  const file = join(dataDir, 'webhook-secrets.json')
  const known = new Map<string, string>()

  function read(): Result<Record<string, string>, string> {
    if (!existsSync(file)) return ok({})
    try {
      return ok(content.parse(JSON.parse(readFileSync(file, 'utf8'))))
    } catch (cause) {
      return err(`${file} cannot be read (${(cause as Error).message}). Mend or delete it, and make new secrets.`)
    }
  }

  function write(change: (secrets: Record<string, string>) => void): Result<void, string> {
    const secrets = read()
    if (!secrets.ok) return secrets
    change(secrets.value)
    try {
      writeDurably(file, `${JSON.stringify(secrets.value, null, 2)}\n`)
      return ok(undefined)
    } catch (cause) {
      return err(`${file} cannot be written (${(cause as Error).message}). Check the folder's owner and the disk.`)
    }
  }

  return {
    async get(name) {
      const remembered = known.get(name)
      if (remembered !== undefined) return ok(remembered)
      const inFile = read()
      if (!inFile.ok) return inFile
      const kept = inFile.value[name]
      const found = kept !== undefined || keychain === undefined ? ok(kept ?? null) : await keychain.get(name)
      if (found.ok && found.value !== null) known.set(name, found.value)
      return found
    },
    async set(name, secret) {
      const inKeychain = keychain === undefined ? err('') : await keychain.set(name, secret)
      const done = inKeychain.ok ? inKeychain : write((secrets) => Object.assign(secrets, { [name]: secret }))
      if (done.ok) known.set(name, secret)
      return done
    },
    async remove(name) {
      known.delete(name)
      const inFile = read()
      if (!inFile.ok) return inFile
      if (inFile.value[name] !== undefined) return write((secrets) => delete secrets[name])
      return keychain === undefined ? ok(undefined) : keychain.remove(name)
    },
  }
}
