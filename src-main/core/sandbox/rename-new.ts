import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { type HiddenEntry, hiddenEntries } from './hidden-entries.ts'
import type { CommandEnd } from './sandbox.ts'

/**
 * Gives other names to what a command made under forbidden names, such as a `.git` whose hooks the user's own git would run.
 * Nothing is lost: it may have been a file of the user under another name before. `before`: what there was already.
 */
export async function renameNew(root: string, before: readonly HiddenEntry[]): Promise<CommandEnd['renamed']> {
  const known = new Set(before.map(({ path }) => path))
  const renamed: { from: string; to: string }[] = []
  // A folder that gets another name is looked through after that.
  for (let found = await newEntries(root, known); found.length > 0; found = await newEntries(root, known)) {
    for (const from of found) {
      const to = freeName(from)
      await rename(from, to)
      renamed.push({ from: shown(root, from), to: shown(root, to) })
    }
  }
  return renamed
}

async function newEntries(root: string, known: ReadonlySet<string>): Promise<string[]> {
  const found = await hiddenEntries(root)
  return found.filter(({ path, by }) => by === 'name' && !known.has(path)).map(({ path }) => path)
}

/** `.git` becomes `refused-git`; the dots before and after a name are what makes some names special. */
function freeName(path: string): string {
  const plain = basename(path)
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  for (let number = 1; ; number += 1) {
    const name = join(dirname(path), number === 1 ? `refused-${plain}` : `refused-${plain}-${number}`)
    if (!existsSync(name)) return name
  }
}

function shown(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}
