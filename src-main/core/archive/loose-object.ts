import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'

const inflateAll = promisify(inflate)

/**
 * Whether a file is what git keeps under this name: compressed, a header with kind and length, and a content whose SHA-1 is
 * the name. Git itself looks at that only when it meets it. `maxBytes` bounds what it may unpack to.
 */
export async function isLooseObject(name: string, packed: Uint8Array, maxBytes: number): Promise<boolean> {
  let object: Buffer
  try {
    object = await inflateAll(packed, { maxOutputLength: maxBytes })
  } catch {
    // Damaged, cut short, or a bomb.
    return false
  }
  const header = /^(blob|tree|commit) (\d{1,15})\0/.exec(object.toString('latin1', 0, 32))
  if (header === null || object.byteLength - header[0].length !== Number(header[2])) return false
  return createHash('sha1').update(object).digest('hex') === name
}
