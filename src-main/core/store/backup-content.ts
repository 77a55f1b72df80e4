import { constants, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { err, ok, type Result } from '#contract/result.ts'
import { type Manifest, type ManifestFile, readManifest, writeManifest } from './backup-manifest.ts'
import { hasChains } from './chain.ts'
import { type ChainHeads, headsOf, headsPath, readHeads, writeHeads } from './chain-heads.ts'
import { epochOf, verifyChains } from './chain-verify.ts'
import { syncFile, syncFolder } from './durable-file.ts'
import { hashFile, integrityOf } from './integrity.ts'

export const DATABASE = 'baton.db'
const HEADS = 'chain-heads.json'
const CONFIGURATION = 'config.yaml'

/** A copy of the database lies in `folder`; what else a backup needs is to be brought there. */
export interface UnfinishedBackup {
  readonly data_dir: string
  readonly folder: string
  /** The backup before, if any: large texts that it has need not be copied again. */
  readonly previous: string | null
  readonly id: string
  readonly created_at: number
  readonly version: string
  /** The heads beside the living database before the copy began: the copy must contain them, but not those of now. */
  readonly heads: Result<ChainHeads | null, string>
}

/**
 * Makes a backup whole (D3): the copied database as one plain file, the heads of its chains, the configuration, the large
 * texts, and a manifest over all. Reads everything, so it runs in a thread. The error says why there is no backup.
 */
export function finishBackup(unfinished: UnfinishedBackup): Result<Manifest, string> {
  const { data_dir, folder, previous, id, created_at, version, heads } = unfinished
  const database = new Database(join(folder, DATABASE))
  let facts: Pick<Manifest, 'findings' | 'epoch' | 'schema_version'>
  try {
    database.pragma('journal_mode = DELETE')
    const damage = integrityOf(database)
    if (damage.length > 0) {
      return err(
        `Baton's database itself is damaged (${damage.join('; ')}), so no backup was made and the older ones are kept. Restore one of them.`,
      )
    }
    const epoch = epochOf(database)
    writeHeads(folder, headsOf(database, epoch))
    const schema_version = database.prepare<[], number>('SELECT count(*) FROM migration').pluck().get() ?? 0
    facts = { epoch, schema_version, findings: [...chainFindings(database, heads)] }
  } finally {
    database.close()
  }
  syncFile(join(folder, DATABASE))
  if (existsSync(join(data_dir, CONFIGURATION))) {
    copyFileSync(join(data_dir, CONFIGURATION), join(folder, CONFIGURATION))
    syncFile(join(folder, CONFIGURATION))
  }
  const files = [DATABASE, HEADS, CONFIGURATION]
    .filter((path) => existsSync(join(folder, path)))
    .map((path): ManifestFile => ({ path, ...hashFile(join(folder, path)) }))
  const manifest: Manifest = {
    v: 1,
    id,
    created_at,
    version,
    schema_version: facts.schema_version,
    epoch: facts.epoch,
    findings: facts.findings,
    files: [...files, ...keepBlobs(data_dir, folder, previous)],
  }
  writeManifest(folder, manifest)
  return ok(manifest)
}

function chainFindings(database: Database.Database, heads: UnfinishedBackup['heads']): readonly string[] {
  if (!heads.ok) return [heads.error, ...verifyChains(database, null).findings]
  return verifyChains(database, heads.value).findings
}

/**
 * Brings the large texts along. One that the backup before has is linked to there, not to the living file: what harms that
 * one must not harm the backups. Each is held against its name, which is its hash.
 */
function keepBlobs(data_dir: string, folder: string, previous: string | null): ManifestFile[] {
  const kept: ManifestFile[] = []
  for (const path of blobsIn(data_dir)) {
    const to = join(folder, path)
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    const older = previous === null ? null : join(previous, path)
    if (older === null || !linked(older, to)) copyBlob(join(data_dir, path), to)
    kept.push({ path, ...hashFile(to) })
  }
  for (const part of new Set(kept.map(({ path }) => dirname(path)))) syncFolder(join(folder, part))
  return kept
}

/** Paths of the large texts below a folder, with `/`. */
function blobsIn(data_dir: string): string[] {
  const blobs = join(data_dir, 'blobs')
  if (!existsSync(blobs)) return []
  return readdirSync(blobs)
    .filter((part) => /^[0-9a-f]{2}$/.test(part))
    .flatMap((part) => readdirSync(join(blobs, part)).map((name) => `blobs/${part}/${name}`))
    .filter((path) => /^blobs\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(path))
    .sort()
}

function linked(from: string, to: string): boolean {
  if (!existsSync(from) || hashFile(from).sha256 !== nameOf(from)) return false
  try {
    linkSync(from, to)
    return true
  } catch {
    // Not every file system has links; then it is copied.
    return false
  }
}

export function copyBlob(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  syncFile(to)
}

export function nameOf(blobPath: string): string {
  return blobPath.slice(-64)
}

/** What keeps a backup from being restored; empty where it is whole. Reads all of it and changes nothing. */
export function backupProblems(folder: string): string[] {
  const manifest = readManifest(folder)
  if (!manifest.ok) return [manifest.error]
  const problems = manifest.value.files.flatMap((file) => fileProblem(folder, file) ?? [])
  if (problems.length > 0) return problems
  if (!manifest.value.files.some(({ path }) => path === DATABASE)) return ['It holds no database.']
  const database = new Database(join(folder, DATABASE), { readonly: true })
  try {
    const heads = readHeads(folder)
    if (!heads.ok || (heads.value === null && hasChains(database)))
      return [`${headsPath(folder)} is damaged or missing.`]
    const said = verifyChains(database, heads.value).findings
    // What was wrong when it was made is no damage of the backup.
    return [...integrityOf(database), ...said.filter((finding) => !manifest.value.findings.includes(finding))]
  } finally {
    database.close()
  }
}

/** What is wrong with a file of a backup, or null. A large text is also held against its name. */
function fileProblem(folder: string, { path, bytes, sha256 }: ManifestFile): string | null {
  try {
    const found = hashFile(join(folder, path))
    return found.bytes === bytes && found.sha256 === sha256 ? null : `${path} is not what was written.`
  } catch (fault) {
    return `${path} cannot be read: ${(fault as Error).message}.`
  }
}
