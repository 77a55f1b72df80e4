import type { Dirent } from 'node:fs'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { createForbiddenNames } from '../workspace/forbidden-names.ts'

/** Something in a workspace that a command must neither read nor change. `path` is absolute. */
export interface HiddenEntry {
  readonly path: string
  /** `shared`: a folder of packages whose files belong to a store outside too; it may be read. */
  readonly kind: 'file' | 'folder' | 'link' | 'shared'
  /** Why: a forbidden name, or what it is. */
  readonly by: 'name' | 'kind'
}

/** Beyond so many entries bubblewrap would refuse its arguments. */
export const MAX_HIDDEN = 2_000
const AT_ONCE = 64
const NONE: ReadonlySet<string> = new Set()

/**
 * What is to be covered before a command runs: entries with forbidden names (T3), where such a link leads within the
 * workspace, and all that is neither a plain file nor a folder nor a link (a socket of another program, a device). Files
 * with a second name elsewhere too, as writing to one would change a file outside; folders of packages that a package
 * manager has linked to its store are only kept from being written. Other links are left as they are: nothing
 * outside is there in the sandbox. Gives up beyond {@link MAX_HIDDEN}. To be called while no command runs in there.
 */
export async function hiddenEntries(root: string): Promise<HiddenEntry[]> {
  const forbidden = createForbiddenNames([])
  const found: HiddenEntry[] = []
  const shared = new Set<string>()
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined && found.length <= MAX_HIDDEN; folder = folders.pop()) {
    const entries = await readdir(folder, { withFileTypes: true })
    const packages = packagesOf(root, folder)
    const isShared = packages !== null && shared.has(packages)
    const linked = isShared ? NONE : await withSeveralNames(folder, entries)
    for (const entry of entries) {
      const path = join(folder, entry.name)
      const kind = kindOf(entry)
      const name = forbidden(entry.name)
      // In other people's code such names are part of programs; only a repository in there could run something.
      if (name !== null && (name === '.git' || packages === null)) {
        found.push({ path, kind, by: 'name' })
        if (kind === 'link') found.push(...(await targetOf(root, path)))
      } else if (kind === 'folder') folders.push(path)
      else if (kind === 'file' && (!entry.isFile() || linked.has(entry.name))) {
        if (packages === null || !entry.isFile()) found.push({ path, kind, by: 'kind' })
        else shared.add(packages)
      }
    }
  }
  // What is hidden within them is covered after them.
  return [...[...shared].map((path) => ({ path, kind: 'shared' as const, by: 'kind' as const })), ...found]
}

/** One after another, the looks at a folder of packages would take seconds. */
async function withSeveralNames(folder: string, entries: readonly Dirent[]): Promise<Set<string>> {
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  const found = new Set<string>()
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const looks = names.slice(start, start + AT_ONCE).map(async (name) => {
      if ((await lstat(join(folder, name))).nlink > 1) found.add(name)
    })
    await Promise.all(looks)
  }
  return found
}

/** The outermost `node_modules` that a folder is or lies in; pnpm links the files in there to a store of its own. */
function packagesOf(root: string, path: string): string | null {
  const names = relative(root, path).split(sep)
  const depth = names.indexOf('node_modules')
  return depth < 0 ? null : join(root, ...names.slice(0, depth + 1))
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
