import { createHash, randomUUID } from 'node:crypto'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, deflate, inflate } from 'node:zlib'

export type ObjectKind = 'blob' | 'tree' | 'commit'

/**
 * The objects of a git repository as git keeps them loose: each in a file of its own, named by what it holds
 * (gitrepository-layout, "objects"). All throw where the disk does.
 */
export interface LooseObjects {
  /** Keeps an object durably; answers with its name. */
  write(kind: ObjectKind, content: Uint8Array): Promise<string>
  /** Throws {@link Unreadable} where there is no such file, or another thing is in it: the object may lie in a pack. */
  read(kind: ObjectKind, name: string): Promise<Buffer>
}

/** What only git itself can read, or say what is wrong with. */
export class Unreadable extends Error {}

/** How git calls what it has not written to the end. */
const DRAFT = 'tmp_obj_'

const pack = promisify(deflate)
const unpack = promisify(inflate)
const NAME = /^[0-9a-f]{40}$/
/** A tree of a hundred thousand files, several times over. */
const MOST_READ = 64_000_000

function headOf(kind: ObjectKind, bytes: number): string {
  return `${kind} ${bytes}\0`
}

/** The name under which git keeps an object. */
export function objectName(kind: ObjectKind, content: Uint8Array): string {
  return createHash('sha1').update(headOf(kind, content.byteLength)).update(content).digest('hex')
}

/** `folder`: the repository. */
export function looseObjects(folder: string): LooseObjects {
  const placeOf = (name: string) => join(folder, 'objects', name.slice(0, 2))

  return {
    async write(kind, content) {
      const name = objectName(kind, content)
      const place = placeOf(name)
      const path = join(place, name.slice(2))
      if (await isThere(path)) return name
      const whole = Buffer.concat([Buffer.from(headOf(kind, content.byteLength)), content])
      const packed = await pack(whole, { level: constants.Z_BEST_SPEED })
      // Not the repository with it: where that is gone, it is git that says so, instead of half of one being there again.
      await mkdir(place).catch((fault: NodeJS.ErrnoException) => {
        if (fault.code !== 'EEXIST') throw fault
      })
      const draft = join(folder, 'objects', `${DRAFT}${randomUUID()}`)
      try {
        const file = await open(draft, 'wx', 0o444)
        try {
          await file.writeFile(packed)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(draft, path)
      } catch (fault) {
        await rm(draft, { force: true })
        throw fault
      }
      return name
    },
    async read(kind, name) {
      if (!NAME.test(name)) throw new Unreadable(`${name} names no object.`)
      const packed = await readFile(join(placeOf(name), name.slice(2)))
      const whole = await unpack(packed, { maxOutputLength: MOST_READ }).catch((cause: unknown) => {
        throw new Unreadable(`The object ${name} of ${folder} cannot be unpacked.`, { cause })
      })
      const end = whole.indexOf(0) + 1
      const content = whole.subarray(end)
      if (whole.toString('latin1', 0, end) === headOf(kind, content.byteLength)) return content
      throw new Unreadable(`The object ${name} of ${folder} is no ${kind}.`)
    },
  }
}

/** The paths of what a dead core has not written to the end. */
export async function draftsIn(folder: string): Promise<string[]> {
  const objects = join(folder, 'objects')
  if (!(await isThere(objects))) return []
  return (await readdir(objects)).filter((name) => name.startsWith(DRAFT)).map((name) => join(objects, name))
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
