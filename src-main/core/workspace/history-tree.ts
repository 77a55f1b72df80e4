import { type LooseObjects, Unreadable } from './loose-objects.ts'

interface Entry {
  readonly mode: string
  readonly object: string
}

/** One file of a new tree: where it stands below the tree, and its content; null: it goes. */
interface Change {
  readonly parts: readonly string[]
  readonly object: string | null
}

const FILE = '100644'
const FOLDER = '40000'
const NAME_BYTES = 20

/** Whether a path may stand in a tree. What git does with others is for git to say. */
export function isKeepable(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/^\.?git(~\d+)?$/i.test(part))
}

/**
 * The tree `base` (null: the empty one) after these files were set in it; answers with its name. Where a file comes to
 * stand in the place of a folder, or the other way round, the new one holds. Throws {@link Unreadable}, or what the disk does.
 */
export async function treeAfter(
  objects: LooseObjects,
  base: string | null,
  files: ReadonlyMap<string, string | null>,
): Promise<string> {
  const changes = [...files].map(([path, object]) => ({ parts: path.split('/').map(byteText), object }))
  return (await changed(objects, base, changes)) ?? objects.write('tree', Buffer.alloc(0))
}

/** As git sorts: by bytes, which a text of latin1 keeps apart one by one. */
function byteText(part: string): string {
  return Buffer.from(part).toString('latin1')
}

/** Null: nothing is left in it, and git keeps no empty folders. */
async function changed(objects: LooseObjects, base: string | null, changes: readonly Change[]): Promise<string | null> {
  const entries = base === null ? new Map<string, Entry>() : await entriesOf(objects, base)
  for (const [name, own] of Map.groupBy(changes, ({ parts }) => parts[0] ?? '')) {
    const here = own.find(({ parts }) => parts.length === 1)
    const below = own.filter(({ parts }) => parts.length > 1)
    // What goes away goes first: a file may stand where a folder was.
    if (here?.object === null && entries.get(name)?.mode !== FOLDER) entries.delete(name)
    const folder = entries.get(name)?.mode === FOLDER ? (entries.get(name)?.object ?? null) : null
    if (folder !== null || below.some(({ object }) => object !== null)) {
      const deeper = below.map(({ parts, object }) => ({ parts: parts.slice(1), object }))
      const object = deeper.length === 0 ? folder : await changed(objects, folder, deeper)
      if (object === null) entries.delete(name)
      else entries.set(name, { mode: FOLDER, object })
    }
    if (here !== undefined && here.object !== null) entries.set(name, { mode: FILE, object: here.object })
  }
  if (entries.size === 0) return null
  return objects.write('tree', bytesOf(entries))
}

/** Reads `mode SP name NUL object`, over and over. */
async function entriesOf(objects: LooseObjects, tree: string): Promise<Map<string, Entry>> {
  const bytes = await objects.read('tree', tree)
  const entries = new Map<string, Entry>()
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const end = bytes.indexOf(0, space)
    if (space < 0 || end < 0 || end + 1 + NAME_BYTES > bytes.length)
      throw new Unreadable(`The tree ${tree} is damaged.`)
    const object = bytes.toString('hex', end + 1, end + 1 + NAME_BYTES)
    entries.set(bytes.toString('latin1', space + 1, end), { mode: bytes.toString('latin1', at, space), object })
    at = end + 1 + NAME_BYTES
  }
  return entries
}

function bytesOf(entries: ReadonlyMap<string, Entry>): Buffer {
  // Folders sort as if their names ended with a slash.
  const keyOf = ([name, { mode }]: [string, Entry]) => (mode === FOLDER ? `${name}/` : name)
  const sorted = [...entries].map((entry) => ({ key: keyOf(entry), entry })).sort((a, b) => (a.key < b.key ? -1 : 1))
  return Buffer.concat(
    sorted.flatMap(({ entry: [name, { mode, object }] }) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(object, 'hex'),
    ]),
  )
}
