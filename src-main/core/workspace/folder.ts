import type { Stats } from 'node:fs'
import { linkRefusal, type Refusable, refuse } from './refusal.ts'

/** An open folder of a workspace. */
export interface Folder {
  /** Where its entries are reached: `${at}/${name}`. */
  readonly at: string
  /** Makes its entries durable. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Which folder on disk it is, so that another one in its place is noticed. */
export interface FolderIdentity {
  readonly dev: bigint
  readonly ino: bigint
}

/** How a system gets from one folder into the next without following a link. Faults of the system are refusals. */
export interface FolderAccess {
  /** Opens the root by its absolute path without links. With `expected`, refuses any other folder in its place. */
  openRoot(root: string, expected?: FolderIdentity): Promise<Refusable<{ folder: Folder; identity: FolderIdentity }>>
  /** Opens a folder in a folder. `path` is how messages name it. */
  enter(parent: Folder, name: string, path: string): Promise<Refusable<Folder>>
}

/** Why a directory entry is not a file that a workspace touches, or null where it is. */
export function fileFault(stats: Stats, path: string): Refusable<never> | null {
  if (stats.isSymbolicLink()) return { ok: false, error: linkRefusal(path) }
  if (stats.isDirectory()) return refuse('not_a_file', `"${path}" is a folder. Name a file in it.`)
  if (!stats.isFile())
    return refuse('not_a_file', `"${path}" is a device, a pipe or a socket. Only regular files can be used.`)
  if (stats.nlink > 1) {
    return refuse(
      'link',
      `"${path}" has a second name (a hard link), which may lie outside the workspace. Work on a copy of it.`,
    )
  }
  return null
}
