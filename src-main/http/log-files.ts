import { createReadStream, createWriteStream, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** The file that is written to; a full one, or that of a day that is over, gets its day and a number. */
export const LIVING = 'baton.log'
const CLOSED = /^baton\.(\d{4}-\d{2}-\d{2})\.(\d{1,6})\.log(\.gz)?$/
const DAY_MS = 86_400_000

/** A day in UTC, as it stands in names of files and at the head of each line. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

interface ClosedFile {
  readonly name: string
  readonly day: string
  readonly number: number
  readonly packed: boolean
}

/** The files that are written to no more; none where the folder cannot be read. */
function closedFiles(folder: string): ClosedFile[] {
  return readdirSync(folder).flatMap((name) => {
    const [, day, number, ending] = CLOSED.exec(name) ?? []
    return day === undefined ? [] : [{ name, day, number: Number(number), packed: ending !== undefined }]
  })
}

/** What the files of a day hold together, in bytes, without the one that is written to. */
export function closedBytesOf(folder: string, day: string): number {
  return closedFiles(folder)
    .filter((file) => file.day === day)
    .reduce((sum, { name }) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

/** Gives the file that is written to its final name; whoever has it open still writes to it. */
export function closeLiving(folder: string, day: string): void {
  const taken = closedFiles(folder).filter((file) => file.day === day)
  const number = Math.max(0, ...taken.map((file) => file.number)) + 1
  renameSync(join(folder, LIVING), join(folder, `baton.${day}.${number}.log`))
}

/** The Monday of the week of `at`, in UTC. */
function mondayOf(at: number): string {
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7
  return dayOf(at - sinceMonday * DAY_MS)
}

/**
 * Removes files older than `keptDays` and packs those of weeks that are over (M6). Knows its own files by their names and
 * touches no others. Throws what the file system says.
 */
export async function tidyLogs(folder: string, keptDays: number, now: number): Promise<void> {
  const oldest = dayOf(now - keptDays * DAY_MS)
  const monday = mondayOf(now)
  for (const { name, day, packed } of closedFiles(folder)) {
    if (day < oldest) rmSync(join(folder, name), { force: true })
    else if (!packed && day < monday) await pack(join(folder, name))
  }
}

/** Broken off before the renaming, it is begun anew the next time; after it, the same file is packed again. */
async function pack(path: string): Promise<void> {
  const half = `${path}.gz.${process.pid}.part`
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(half, { mode: 0o600 }))
    renameSync(half, `${path}.gz`)
    rmSync(path, { force: true })
  } catch (fault) {
    rmSync(half, { force: true })
    // Another process has packed it meanwhile.
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault
  }
}
