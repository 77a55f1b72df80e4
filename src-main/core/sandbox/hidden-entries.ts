import type { Dirent } from 'node:fs'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { createForbiddenNames } from '../workspace/forbidden-names.ts'

/** Something in a workspace that a command must neither read nor change. `path` is absolute. */
export interface HiddenEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  /** Why: a forbidden name, or what it is. */
  readonly by: 'name' | 'kind'
}

/** Beyond so many entries bubblewrap would refuse its arguments. */
export const MAX_HIDDEN = 2_000

/**
 * What is to be covered before a command runs: entries with forbidden names (T3), where such a link leads within the
 * workspace, and all that is neither a plain file nor a folder nor a link (a socket of another program, a device). Files
 * with a second name elsewhere too: writing to one would change a file outside. Other links are left as they are: nothing
 * outside is there in the sandbox. Gives up beyond {@link MAX_HIDDEN}. To be called while no command runs in there.
 */
export async function hiddenEntries(root: string): Promise<HiddenEntry[]> {
  const forbidden = createForbiddenNames([])
  const found: HiddenEntry[] = []
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined && found.length <= MAX_HIDDEN; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      const kind = kindOf(entry)
      if (forbidden(entry.name) !== null) {
        found.push({ path, kind, by: 'name' })
        if (kind === 'link') found.push(...(await targetOf(root, path)))
      } else if (kind === 'folder') folders.push(path)
      else if (kind === 'file' && (!entry.isFile() || (await lstat(path)).nlink > 1)) {
        found.push({ path, kind, by: 'kind' })
      }
    }
  }
  return found
}

function kindOf(entry: Dirent): HiddenEntry['kind'] {
  if (entry.isSymbolicLink()) return 'link'
  return entry.isDirectory() ? 'folder' : 'file'
}

async function targetOf(root: string, link: string): Promise<HiddenEntry[]> {
  try {
    const path = await realpath(link)
    if (!path.startsWith(root + sep)) return []
    return [{ path, kind: (await lstat(path)).isDirectory() ? 'folder' : 'file', by: 'kind' }]
  } catch {
    // It leads nowhere.
    return []
  }
}
