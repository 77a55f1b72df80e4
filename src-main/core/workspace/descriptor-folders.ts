import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { ok } from '#contract/result.ts'
import type { Folder, FolderAccess } from './folder.ts'
import { attempt, linkRefusal, refuse } from './refusal.ts'

const FOLDER_ONLY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * Linux: each component is opened relative to the descriptor of its parent, by way of `/proc/self/fd`, and never through
 * a link. A descriptor stays on its folder whatever is done to the names, so swapping a folder for a link gains nothing.
 */
export const descriptorFolders: FolderAccess = {
  async openRoot(root, expected) {
    const opened = await attempt(root, () => open(root, FOLDER_ONLY))
    if (!opened.ok) return opened
    const { dev, ino } = await opened.value.stat({ bigint: true })
    if (expected !== undefined && (dev !== expected.dev || ino !== expected.ino)) {
      await opened.value.close()
      return refuse('outside', `The workspace folder ${root} was replaced by another one. Open the project again.`)
    }
    return ok({ folder: folderOf(opened.value), identity: { dev, ino } })
  },

  async enter(parent, name, path) {
    const address = `${parent.at}/${name}`
    const opened = await attempt(path, () => open(address, FOLDER_ONLY))
    if (opened.ok) return ok(folderOf(opened.value))
    // The kernel says "not a folder" for a link too; only the message depends on which it was.
    const seen = await attempt(path, () => lstat(address))
    return seen.ok && seen.value.isSymbolicLink() ? { ok: false, error: linkRefusal(path) } : opened
  },
}

function folderOf(handle: FileHandle): Folder {
  return {
    at: `/proc/self/fd/${handle.fd}`,
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}
