import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import type { Folder, FolderAccess } from './folder.ts'
import type { ForbiddenNames } from './forbidden-names.ts'
import { attempt } from './refusal.ts'
import { MAX_DEPTH, nameFault } from './relative-path.ts'
import { isTemporary } from './temporary-name.ts'

/** So many entries of a folder are looked at at once; one after another, most of the time would go into waiting. */
const AT_ONCE = 64

/**
 * What a walk meets: a file that could be read by its path, an unfinished file of a write, or a folder that was left out
 * because it could not be read or lies too deep. `folder` is open only until the walk goes on. `stats` is there for files,
 * unless they are gone by now.
 */
export interface WalkEntry {
  readonly kind: 'file' | 'temporary' | 'left_out'
  readonly folder: Folder
  readonly name: string
  readonly path: string
  readonly stats: Stats | null
}

/**
 * Walks down from `folder` in the order of the paths, without links and without names that a path cannot have.
 * Holds one descriptor per level.
 */
export async function* walk(
  access: FolderAccess,
  forbidden: ForbiddenNames,
  folder: Folder,
  components: readonly string[],
): AsyncGenerator<WalkEntry> {
  const here = components.join('/')
  const read = await attempt(here, () => readdir(folder.at, { withFileTypes: true }))
  if (!read.ok) {
    yield { kind: 'left_out', folder, name: '', path: here, stats: null }
    return
  }
  const entries = read.value.filter((entry) => isTemporary(entry.name) || isUsable(entry.name, forbidden))
  const stats = await statsOf(folder, entries)
  for (const entry of inPathOrder(entries)) {
    const { name } = entry
    const inner = [...components, name]
    const path = inner.join('/')
    if (entry.isFile()) {
      yield { kind: isTemporary(name) ? 'temporary' : 'file', folder, name, path, stats: stats.get(name) ?? null }
    } else if (entry.isDirectory() && !isTemporary(name)) {
      yield* walkInto(access, forbidden, folder, inner)
    }
  }
}

function isUsable(name: string, forbidden: ForbiddenNames): boolean {
  return nameFault(name) === null && forbidden(name) === null
}

async function statsOf(folder: Folder, entries: readonly Dirent[]): Promise<Map<string, Stats>> {
  const stats = new Map<string, Stats>()
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const looks = names.slice(start, start + AT_ONCE).map(async (name) => {
      const seen = await attempt(name, () => lstat(`${folder.at}/${name}`))
      if (seen.ok) stats.set(name, seen.value)
    })
    await Promise.all(looks)
  }
  return stats
}

async function* walkInto(
  access: FolderAccess,
  forbidden: ForbiddenNames,
  parent: Folder,
  components: readonly string[],
): AsyncGenerator<WalkEntry> {
  const name = components.at(-1) ?? ''
  const path = components.join('/')
  if (components.length >= MAX_DEPTH) {
    yield { kind: 'left_out', folder: parent, name, path, stats: null }
    return
  }
  const entered = await access.enter(parent, name, path)
  if (!entered.ok) {
    // Gone or swapped for a link since it was listed: then it is not there. Otherwise it is there but closed to us.
    if (entered.error.kind === 'io') yield { kind: 'left_out', folder: parent, name, path, stats: null }
    return
  }
  try {
    yield* walk(access, forbidden, entered.value, components)
  } finally {
    await entered.value.close()
  }
}

/** Sorts a folder's entries as their full paths would sort: a folder counts with its slash. */
function inPathOrder(entries: readonly Dirent[]): Dirent[] {
  const keyed = entries.map((entry) => ({ entry, key: entry.isDirectory() ? `${entry.name}/` : entry.name }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return keyed.map(({ entry }) => entry)
}
