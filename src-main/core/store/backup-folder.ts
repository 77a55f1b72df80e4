import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Backup, backupId } from '#contract/backup.ts'
import { toTimestamp } from '#contract/time.ts'
import { type Manifest, readManifest } from './backup-manifest.ts'

/** Where a data folder's backups lie. */
export function backupsFolder(dataDir: string): string {
  return join(dataDir, 'backups')
}

/** The name of a backup that is begun now. */
export function newBackupId(now: number): string {
  return new Date(now).toISOString().replace(/[:.]/g, '-')
}

/** When a backup was begun, by its name. */
export function backupTime(id: string): number {
  return Date.parse(id.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/, 'T$1:$2:$3.$4Z'))
}

/** Names of the finished backups, newest first. */
export function backupIds(dataDir: string): string[] {
  const folder = backupsFolder(dataDir)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => backupId.safeParse(name).success)
  return names.sort().reverse()
}

/** A backup as it shows, by its manifest; one whose manifest is damaged still shows, with that as its finding. */
export function describeBackup(dataDir: string, id: string): Backup {
  const folder = join(backupsFolder(dataDir), id)
  const manifest = readManifest(folder)
  if (manifest.ok) return toBackup(manifest.value, folder)
  const created_at = toTimestamp(backupTime(id))
  return { id, created_at, version: '', schema_version: 0, files: 0, bytes: 0, findings: [manifest.error], folder }
}

function toBackup(manifest: Manifest, folder: string): Backup {
  const { id, version, schema_version, findings, files, created_at } = manifest
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return {
    id,
    created_at: toTimestamp(created_at),
    version,
    schema_version,
    files: files.length,
    bytes,
    findings,
    folder,
  }
}
