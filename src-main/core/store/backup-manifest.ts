import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { backupId } from '#contract/backup.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { writeDurably } from './durable-file.ts'

const FILE = 'manifest.json'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** A place inside the backup, with `/` on every system; nothing outside can be named. */
const path = z.string().regex(/^(baton\.db|chain-heads\.json|config\.yaml|blobs\/[0-9a-f]{2}\/[0-9a-f]{64})$/)

const content = z.lazy(() =>
  z.strictObject({
    v: z.literal(1),
    id: backupId,
    created_at: z.number().int(),
    /** Version of Baton that made it. */
    version: z.string(),
    schema_version: z.number().int(),
    /** Names the history of events that it holds. */
    epoch: z.string(),
    findings: z.array(z.string()),
    files: z.array(z.strictObject({ path, bytes: z.number().int().nonnegative(), sha256 })),
  }),
)
/** What a backup holds (D3). Sizes and hashes are those of its files. */
export type Manifest = z.infer<typeof content>
export type ManifestFile = Manifest['files'][number]

const sealed = z.strictObject({ manifest: content, sha256 })

/** The manifest vouches for the files, and this for the manifest. */
function sum(manifest: unknown): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}

export function writeManifest(folder: string, manifest: Manifest): void {
  writeDurably(join(folder, FILE), `${JSON.stringify({ manifest, sha256: sum(manifest) }, null, 1)}\n`)
}

/** Reads a backup's manifest. The error is for the user. */
export function readManifest(folder: string): Result<Manifest, string> {
  let text: string
  try {
    text = readFileSync(join(folder, FILE), 'utf8')
  } catch (fault) {
    return err(`${join(folder, FILE)} cannot be read: ${(fault as Error).message}.`)
  }
  try {
    const { manifest, sha256 } = sealed.parse(JSON.parse(text))
    // Keys come back in the order of the schema, which is the order in which they are written.
    if (sum(manifest) === sha256) return ok(manifest)
  } catch {
    // Told below, as every other damage.
  }
  return err(`${join(folder, FILE)} is damaged or of a newer Baton.`)
}
