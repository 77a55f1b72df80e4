import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { closedBytesOf, closeLiving, dayOf, LIVING } from './log-files.ts'

const MAX_WAITING_BYTES = 4 * 1024 * 1024
/** How often it is looked whether another process has closed the file. */
const LOOK_MS = 1_000
/** So much of a day's bytes is kept for warnings and errors, which a flood of other lines must not keep out. */
const GRAVE_SHARE = 0.1

export interface RollingLimits {
  /** A file with more than so many bytes is closed, and the next one begun. */
  readonly file_bytes: number
  /** All files of a day (UTC) together; lines past it are counted, not written. */
  readonly day_bytes: number
}

export interface RollingFile {
  /** One line with its end. `grave`: a warning or an error. */
  write(line: string, grave: boolean): void
}

export interface RollingOptions extends RollingLimits {
  readonly folder: string
  /** Makes a line of the log's own about itself. */
  note(message: string): string
  /** A new day has begun. */
  onDay?(): void
  now?(): number
}

/**
 * Lines into `<folder>/baton.log`, at once, so that a crash loses nothing. A day that is over and a full file are closed
 * under a name of their own. Lines that a failing disk does not take wait, up to {@link MAX_WAITING_BYTES} (D4); standard
 * error says so once. Several processes may write to one folder: each sees within a second that another closed the file.
 */
export function openRollingFile(options: RollingOptions): RollingFile {
  const { folder, file_bytes, day_bytes, note, now = Date.now } = options
  const path = join(folder, LIVING)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = pino.destination({ dest: path, sync: true, mode: 0o600, maxLength: MAX_WAITING_BYTES })
  let isWaiting = false
  let lost = 0
  /** Which kind of line is not written any more today. */
  let full: 'none' | 'common' | 'all' = 'none'
  let day = dayOf(now())
  let size = 0
  let earlier = 0
  let inode = 0
  let lookedAt = Number.NEGATIVE_INFINITY

  function complain(fault: unknown): void {
    if (isWaiting) return
    isWaiting = true
    const why = fault instanceof Error ? fault.message : String(fault)
    process.stderr.write(`The log ${folder} cannot be written: ${why}. Its lines wait.\n`)
  }
  file.on('error', complain)
  file.on('drain', () => {
    isWaiting = false
  })
  file.on('drop', () => lost++)

  /** Takes the file over as it is: another process, or this one earlier, may have written to it. */
  function adopt(): void {
    const there = statSync(path)
    inode = there.ino
    size = there.size
    // Lines that were written on an earlier day belong to that day.
    day = size === 0 ? dayOf(now()) : dayOf(there.mtimeMs)
    earlier = closedBytesOf(folder, day)
  }

  /** Sees what other processes did: they write to the same file, or have closed it. */
  function look(): void {
    lookedAt = now()
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.ino === inode) {
      size = there.size
      return
    }
    if (inode !== 0) file.reopen()
    adopt()
  }

  function close(): void {
    closeLiving(folder, day)
    file.reopen()
    adopt()
  }

  function beginDay(): void {
    if (size > 0) close()
    const yesterday = day
    day = dayOf(now())
    earlier = closedBytesOf(folder, day)
    full = 'none'
    if (lost > 0)
      put(note(`${lost} lines were not written by this process up to ${yesterday}, because the log was full`))
    lost = 0
    options.onDay?.()
  }

  function put(line: string): void {
    file.write(line)
    size += Buffer.byteLength(line)
  }

  function refuse(grave: boolean): void {
    lost++
    const kind = grave ? 'all' : 'common'
    if (full === kind || full === 'all') return
    full = kind
    const what = grave ? 'no line more is written' : 'only warnings and errors are still written'
    put(note(`The log of ${day} has come to its limit of ${day_bytes} bytes: ${what} today; the others are counted`))
  }

  /** Before each line: a file that cannot be looked after is no reason to lose the line. */
  function keepInOrder(bytes: number): void {
    try {
      if (now() - lookedAt >= LOOK_MS) look()
      if (day !== dayOf(now())) beginDay()
      if (size > 0 && size + bytes > file_bytes) close()
    } catch (fault) {
      complain(fault)
    }
  }

  return {
    write(line, grave) {
      const bytes = Buffer.byteLength(line)
      keepInOrder(bytes)
      const room = grave ? day_bytes : day_bytes * (1 - GRAVE_SHARE)
      if (earlier + size + bytes > room) refuse(grave)
      else put(line)
    },
  }
}
