import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { Folder, FolderAccess } from './folder.ts'
import type { ForbiddenNames } from './forbidden-names.ts'
import { attempt } from './refusal.ts'
import { MAX_DEPTH, nameFault } from './relative-path.ts'
import { isTemporary } from './temporary-name.ts'

/**
 * What a walk meets: a file that could be read by its path, an unfinished file of a write, or a folder that was left out
 * because it could not be read or lies too deep. `folder` is open only until the walk goes on.
 */
export interface WalkEntry {
  readonly kind: 'file' | 'temporary' | 'left_out'
  readonly folder: Folder
  readonly name: string
  readonly path: string
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
    yield { kind: 'left_out', folder, name: '', path: here }
    return
  }
  for (const entry of inPathOrder(read.value)) {
    const { name } = entry
    const inner = [...components, name]
    const path = inner.join('/')
    if (isTemporary(name)) {
      if (entry.isFile()) yield { kind: 'temporary', folder, name, path }
    } else if (nameFault(name) === null && forbidden(name) === null) {
      if (entry.isFile()) yield { kind: 'file', folder, name, path }
      else if (entry.isDirectory()) yield* walkInto(access, forbidden, folder, inner)
    }
  }
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
    yield { kind: 'left_out', folder: parent, name, path }
    return
  }
  const entered = await access.enter(parent, name, path)
  if (!entered.ok) {
    // Gone or swapped for a link since it was listed: then it is not there. Otherwise it is there but closed to us.
    if (entered.error.kind === 'io') yield { kind: 'left_out', folder: parent, name, path }
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
