/** Containers of PNG images, as Windows and macOS keep icons. Both may hold PNG as it is, so nothing is converted. */

export interface SizedPng {
  /** Width and height in pixels. */
  readonly size: number
  readonly png: Buffer
}

/** Types of Apple's icon images that are PNG, by pixels; some sizes stand twice, as themselves and as half of that doubled. */
const ICNS_TYPES: readonly (readonly [type: string, size: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1_024],
]

/** An `.ico`: a table of what there is, then the images. Sizes up to 256. */
export function icoOf(images: readonly SizedPng[]): Buffer {
  const table = Buffer.alloc(6 + images.length * 16)
  table.writeUInt16LE(1, 2)
  table.writeUInt16LE(images.length, 4)
  let offset = table.length
  for (const [index, { size, png }] of images.entries()) {
    const at = 6 + index * 16
    // One byte each: 256 is written as 0.
    table.writeUInt8(size % 256, at)
    table.writeUInt8(size % 256, at + 1)
    table.writeUInt16LE(1, at + 4)
    table.writeUInt16LE(32, at + 6)
    table.writeUInt32LE(png.length, at + 8)
    table.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([table, ...images.map(({ png }) => png)])
}

/** An `.icns`: each image behind its type and length. Of `images`, those that have a type are taken. */
export function icnsOf(images: readonly SizedPng[]): Buffer {
  const parts = ICNS_TYPES.flatMap(([type, size]) => {
    const image = images.find((found) => found.size === size)
    return image === undefined ? [] : [part(type, image.png)]
  })
  return part('icns', Buffer.concat(parts))
}

function part(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(content.length + 8, 4)
  return Buffer.concat([head, content])
}
