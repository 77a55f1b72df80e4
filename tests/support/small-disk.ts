import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of a few megabytes that a test can fill and free. */
export interface SmallDisk {
  readonly folder: string
  /** Leaves not one byte free. */
  fill(): void
  free(): void
  /** Makes the whole file system read-only, or writable again. Nothing may be open for writing there. */
  readOnly(on: boolean): void
  isFull(): boolean
  unmount(): void
}

/** Tests point TMPDIR into small disks; these lie beside each other. */
const BASE = tmpdir()

/** Why this machine cannot have one; null where it can. Only root may mount, and not in every container. */
export function whyNoSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'only Linux has tmpfs'
  try {
    smallDisk(1).unmount()
    return null
  } catch (cause) {
    return `tmpfs cannot be mounted here: ${(cause as Error).message.split('\n')[0] ?? ''}`
  }
}

export function smallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(BASE, 'baton-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (cause) {
    rmdirSync(folder)
    throw cause
  }
  const filler = join(folder, 'filler')
  const isFull = (): boolean => statfsSync(folder).bfree === 0
  return {
    folder,
    isFull,
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (const size of [65_536, 4_096]) {
          const block = Buffer.alloc(size)
          try {
            while (writeSync(file, block) > 0);
          } catch (cause) {
            if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause
          }
        }
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    readOnly: (on) => void execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, folder], { stdio: 'pipe' }),
    unmount() {
      // Lazily: what a test left open must not keep the disk.
      execFileSync('umount', ['-l', folder])
      rmdirSync(folder)
    },
  }
}
