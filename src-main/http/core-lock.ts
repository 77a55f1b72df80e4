/**
 * One core per data folder (D1).
 *
 * The right to a data folder is an exclusive SQLite lock on `core.lock.db`, held by an open transaction for as long as
 * the core lives. Underneath it is a lock of the operating system (fcntl, LockFileEx), so the kernel gives it to exactly
 * one process however many start together, and takes it back the moment that process is gone, even by `kill -9`. There
 * is no stale lock, and so no take-over to get wrong: a protocol of files, pids and renames would have to judge whether
 * a file's owner is dead and then replace it, with a gap between the two that another start can fall into.
 *
 * `core.lock` only says who holds the right: pid, start time and socket, as JSON. It is written and removed by the
 * holder alone, replaced as a whole, and believed by readers only so far as its socket answers.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { processStart } from '#core/process/process-start.ts'
import { troubleOf } from '#core/store/trouble.ts'

const coreInfo = z.object({
  pid: z.number().int().positive(),
  /** As `processStart` tells it. */
  started: z.string().nullable(),
  socket: z.string().min(1),
  version: z.string(),
})
export type CoreInfo = z.infer<typeof coreInfo>

export interface CoreLock {
  /** Tells others where this core answers. */
  publish(socket: string, version: string): void
  /** Tells others that this core takes no more clients; the right is still held. */
  retract(): void
  /** Gives the right back. */
  release(): void
}

function infoFile(dataDir: string): string {
  return join(dataDir, 'core.lock')
}

/** Who holds the folder, by its own word; null where nobody says so. Whether it lives, only its socket can tell. */
export function readCoreInfo(dataDir: string): CoreInfo | null {
  let text: string
  try {
    text = readFileSync(infoFile(dataDir), 'utf8')
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw fault
  }
  try {
    return coreInfo.safeParse(JSON.parse(text)).data ?? null
  } catch {
    // Not written by us; the lock itself decides.
    return null
  }
}

/** Why a folder cannot be taken: another process has it, or (for a user) the disk does not let it be. */
export type NotTaken = 'taken' | { readonly message: string }

/** Takes the right to `dataDir`, which must exist. */
export async function takeCoreLock(dataDir: string): Promise<Result<CoreLock, NotTaken>> {
  const { default: Database } = await import('better-sqlite3')
  const retract = () => rmSync(infoFile(dataDir), { force: true })
  let database: InstanceType<typeof Database> | undefined
  try {
    database = new Database(join(dataDir, 'core.lock.db'), { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    // What a killed predecessor said is no longer true.
    retract()
  } catch (fault) {
    database?.close()
    if ((fault as { code?: string }).code === 'SQLITE_BUSY') return err('taken')
    if (troubleOf(fault) === null) throw fault
    return err({ message: notWritable(dataDir, fault) })
  }
  const taken = database
  return ok({
    publish(socket, version) {
      const info: CoreInfo = { pid: process.pid, started: processStart(process.pid), socket, version }
      const draft = `${infoFile(dataDir)}.new`
      writeFileSync(draft, `${JSON.stringify(info)}\n`, { mode: 0o600 })
      renameSync(draft, infoFile(dataDir))
    },
    retract,
    release() {
      taken.close()
    },
  })
}

/** For a user: the disk takes nothing from Baton, and what to do. */
export function notWritable(dataDir: string, fault: unknown): string {
  const why = fault instanceof Error ? fault.message : String(fault)
  return `Baton cannot write to its data folder ${dataDir}: ${why}. Free some space or make it writable, then start again.`
}
