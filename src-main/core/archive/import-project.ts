import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { encodeId } from '#contract/ids.ts'
import type { Project } from '#contract/project.ts'
import type { Result } from '#contract/result.ts'
import { LOCAL_USER } from '#contract/role.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ImportFailpoint } from '../failpoint.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { BlobStore } from '../store/blob-store.ts'
import { syncFolder } from '../store/durable-file.ts'
import type { Store } from '../store/store.ts'
import { StorageFault, troubleOf } from '../store/trouble.ts'
import type { Tx } from '../store/write-queue.ts'
import { PRIVATE_CONFIG } from '../workspace/checkpoint-repository.ts'
import { errorCode } from '../workspace/refusal.ts'
import { ARCHIVE_LIMITS, ArchiveFault, type ArchiveLimits } from './archive-format.ts'
import { EXPORTS } from './export-project.ts'
import { leaveEvents, writeEvents } from './import-events.ts'
import { checkRows, insertRows } from './import-rows.ts'
import { settleImported } from './settle-imported.ts'
import { type Unpacked, unpackArchive } from './unpack-archive.ts'

export interface ImportParts {
  readonly data_dir: string
  readonly store: Store
  readonly events: EventLog
  readonly blobs: BlobStore
  readonly projects: ProjectView
  readonly failpoint: ImportFailpoint
  /** A project is there: its ready tasks are in no queue yet. */
  taken(project: number): void
  /** Smaller in tests. */
  readonly limits?: ArchiveLimits
}

export interface FinishParts extends Pick<ImportParts, 'data_dir' | 'store' | 'events' | 'failpoint'> {
  readonly log: Log
}

/** Holds each import's folder until its files are in their place. */
export const IMPORTS = 'imports'

/**
 * Makes a project of an archive (D3), or leaves nothing behind. It is unpacked and checked as a whole in a folder of its
 * own; then one transaction writes all rows but the events, and only after that the files move to their place and the events
 * are written, so many at a time that others are served between. The rows decide: what is left to do for a folder whose project
 * is committed is done by the next start ({@link finishImports}), any other folder is thrown away.
 */
export function createImport(
  parts: ImportParts,
): (archive: AsyncIterable<Uint8Array>) => Promise<Result<Project, Refusal>> {
  const { store, projects, failpoint } = parts
  const limits = parts.limits ?? ARCHIVE_LIMITS

  function write(tx: Tx, unpacked: Unpacked, key: string): number {
    const { project, keys, newest_commit } = insertRows(tx.sqlite, unpacked, limits)
    layOutHistory(unpacked, newest_commit)
    const workspace = join(parts.data_dir, 'workspaces', encodeId('project', project))
    // Whoever brings it has it; what it says of an owner is of another machine.
    const owner = tx.actor?.id ?? LOCAL_USER
    settleImported(tx.sqlite, project, { owner, workspace, import_key: key, now: Date.now() })
    leaveEvents(tx, unpacked.folder, key, { project, keys, format: unpacked.format })
    failpoint('import-rows-written')
    return project
  }

  return async (archive) => {
    const key = randomUUID()
    const folder = join(parts.data_dir, IMPORTS, key)
    try {
      await mkdir(join(folder, 'workspace'), { recursive: true, mode: 0o700 })
      const unpacked = await unpackArchive(archive, folder, limits)
      failpoint('import-unpacked')
      await checkRows(unpacked, limits)
      // Named by their content, so one that no row comes to name harms nobody.
      for (const blob of unpacked.blobs) {
        parts.blobs.put(readFileSync(join(folder, 'blobs', blob), 'utf8'))
        await turn()
      }
      failpoint('import-blobs-kept')
      const project = await store.tryWrite((tx) => write(tx, unpacked, key))
      failpoint('import-committed')
      parts.taken(project)
      placeFiles(parts.data_dir, key, project, failpoint)
      await writeEvents(parts, folder, key)
      rmSync(folder, { recursive: true, force: true })
      return projects.get(encodeId('project', project))
    } catch (fault) {
      return refusalOf(fault, parts.data_dir, await discard(parts, folder, key))
    }
  }
}

/** Throws the folder away, unless a project already counts on it: then the next start does the rest. Says what there is now. */
async function discard(parts: ImportParts, folder: string, key: string): Promise<string> {
  const isCounted = parts.store.sqlite.prepare('SELECT 1 FROM project WHERE import_key = ?').get(key) !== undefined
  if (isCounted)
    return 'The project was imported, but not all that belongs to it is there; the next start of Baton ends that.'
  await rm(folder, { recursive: true, force: true })
  return 'Nothing was imported.'
}

function refusalOf(fault: unknown, dataDir: string, nothing: string): { ok: false; error: Refusal } {
  if (fault instanceof ArchiveFault) {
    return refuse('bad_request', `${nothing} ${fault.message}. Export the project again and import that file.`)
  }
  if (fault instanceof StorageFault || troubleOf(fault) !== null) {
    return refuse('unavailable', `${nothing} ${fault instanceof Error ? fault.message : String(fault)}`)
  }
  if (errorCode(fault) === null) throw fault
  return refuse(
    'unavailable',
    `${nothing} ${(fault as Error).message}. See that ${dataDir} has free space and is writable, then try again.`,
  )
}

/** A bare repository as Baton makes them, over contents that were checked one by one; nothing of its configuration is imported. */
function layOutHistory(unpacked: Unpacked, newest: string | null): void {
  if (unpacked.history.size === 0) return
  const folder = join(unpacked.folder, 'history')
  mkdirSync(join(folder, 'refs', 'heads'), { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n', { mode: 0o600 })
  writeFileSync(join(folder, 'config'), PRIVATE_CONFIG, { mode: 0o600 })
  if (newest !== null) writeFileSync(join(folder, 'refs', 'heads', 'main'), `${newest}\n`, { mode: 0o600 })
}

/** Moves the files of a committed import to where its rows say they are. May be repeated after a crash. */
function placeFiles(dataDir: string, key: string, project: number, failpoint: ImportFailpoint): void {
  const folder = join(dataDir, IMPORTS, key)
  const id = encodeId('project', project)
  moveInto(join(folder, 'history'), join(dataDir, 'git'), `${id}.git`, key)
  failpoint('import-history-placed')
  moveInto(join(folder, 'workspace'), join(dataDir, 'workspaces'), id, key)
  failpoint('import-placed')
}

function moveInto(from: string, parent: string, name: string, key: string): void {
  if (!existsSync(from)) return
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  const to = join(parent, name)
  // The key is new, so what stands there is nobody's; it may still be a person's, so it is kept.
  if (existsSync(to)) renameSync(to, `${to}.before-${key}`)
  renameSync(from, to)
  syncFolder(parent)
}

/**
 * Ends what imports of a dead process left, before anything else looks at projects: files of committed ones are moved to
 * their place and their events are written; the rest is thrown away, and so are archives that nobody fetched.
 */
export async function finishImports(parts: FinishParts): Promise<void> {
  const { data_dir, store, log } = parts
  const imports = join(data_dir, IMPORTS)
  const tell = (fault: unknown): void =>
    log.error('An interrupted import could not be ended; the next start tries again', { fault: String(fault) })
  let keys: string[] = []
  try {
    rmSync(join(data_dir, EXPORTS), { recursive: true, force: true })
    keys = existsSync(imports) ? readdirSync(imports) : []
  } catch (fault) {
    // On a disk that takes nothing (D4) what is there can be looked at all the same.
    if (errorCode(fault) === null) throw fault
    tell(fault)
  }
  const ofKey = store.sqlite.prepare<[string], number>('SELECT id FROM project WHERE import_key = ?').pluck()
  for (const key of keys) {
    try {
      await finishImport(parts, key, ofKey.get(key))
    } catch (fault) {
      // Nobody else's project waits for one whose files are damaged, nor does the start.
      tell(fault)
    }
  }
}

async function finishImport(parts: FinishParts, key: string, project: number | undefined): Promise<void> {
  const folder = join(parts.data_dir, IMPORTS, key)
  if (project !== undefined) {
    placeFiles(parts.data_dir, key, project, parts.failpoint)
    await writeEvents(parts, folder, key)
  }
  rmSync(folder, { recursive: true, force: true })
}
