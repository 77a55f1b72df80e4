import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A control group of the kernel that holds one command. */
export interface ProcessCgroup {
  /** A process that writes its number into `cgroup.procs` in there is bound by it, with all that it starts. */
  readonly folder: string
  remove(): Promise<void>
}

/** Where the controller of processes is, in the first and in the second version of control groups. */
const PLACES = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup']
const PREFIX = 'baton-command-'
const OWNED = new RegExp(`^${PREFIX}(\\d+)-`)
/** Bubblewrap's own, and room for the count of the watch to be passed: it ends a command that only fails to start more. */
const SPARE = 16
const TRIES = 40
const TRY_MS = 25

/**
 * A group with at most so many processes, where one is needed and can be had: the kernel bounds how many processes an
 * ordinary user has (`prlimit --nproc`), and root's not at all. Null for others, and where root may make none, as in many
 * containers; then only the watch counts.
 */
export function createProcessCgroup(processes: number): ProcessCgroup | null {
  if (process.getuid?.() !== 0) return null
  for (const place of PLACES) {
    const folder = join(place, `${PREFIX}${process.pid}-${randomUUID()}`)
    if (!make(folder, processes + SPARE)) continue
    return { folder, remove: () => removeEmpty(folder) }
  }
  return null
}

/** Removes what killed cores left; groups that hold a process, or whose core lives, stay. */
export function removeLeftCgroups(): void {
  for (const place of PLACES) {
    for (const name of namesIn(place)) {
      const owner = OWNED.exec(name)?.[1]
      if (owner !== undefined && !isAlive(Number(owner))) tryRemove(join(place, name))
    }
  }
}

function make(folder: string, most: number): boolean {
  try {
    mkdirSync(folder)
  } catch {
    // No such controller here, or not ours to use.
    return false
  }
  try {
    writeFileSync(join(folder, 'pids.max'), String(most))
    return true
  } catch {
    // The second version gives the controller only where the parent hands it on.
    tryRemove(folder)
    return false
  }
}

/** The kernel takes a moment to forget the last process. A group that stays is empty and does no harm. */
async function removeEmpty(folder: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await rmdir(folder)
      return
    } catch {
      await sleep(TRY_MS)
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function tryRemove(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Somebody is in it.
  }
}
