import { type FileHandle, lstat, open } from 'node:fs/promises'
import { ok } from '#contract/result.ts'
import type { Folder, FolderAccess } from './folder.ts'
import { attempt, linkRefusal, refuse } from './refusal.ts'

/**
 * Systems without `/proc/self/fd`: each component is looked at before it is used, and links are refused. Someone who
 * swaps a folder for a link between the look and the use can still win; Node offers nothing better there.
 */
export const checkedFolders: FolderAccess = {
  async openRoot(root, expected) {
    const seen = await attempt(root, () => lstat(root, { bigint: true }))
    if (!seen.ok) return seen
    const { dev, ino } = seen.value
    if (!seen.value.isDirectory()) return refuse('not_a_file', `The workspace ${root} is not a folder.`)
    if (expected !== undefined && (dev !== expected.dev || ino !== expected.ino)) {
      return refuse('outside', `The workspace folder ${root} was replaced by another one. Open the project again.`)
    }
    return ok({ folder: folderAt(root), identity: { dev, ino } })
  },

  async enter(parent, name, path) {
    const address = `${parent.at}/${name}`
    const seen = await attempt(path, () => lstat(address))
    if (!seen.ok) return seen
    if (seen.value.isSymbolicLink()) return { ok: false, error: linkRefusal(path) }
    if (!seen.value.isDirectory()) return refuse('not_a_file', `"${path}" is not a folder.`)
    return ok(folderAt(address))
  },
}

function folderAt(address: string): Folder {
  return {
    at: address,
    async sync() {
      // Windows cannot open a folder as a file; it makes a rename durable by itself.
      if (process.platform === 'win32') return
      const handle: FileHandle = await open(address, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    async close() {},
  }
}
