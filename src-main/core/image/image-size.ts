import type { ImageFormat } from './image-format.ts'

/** In pixels, as the file's header says. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** The size of an image, from its header; null where there is none to be read. */
export function imageSize(content: Uint8Array, { media_type }: ImageFormat): ImageSize | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const size = SIZE_OF[media_type](bytes)
  return size !== null && size.width > 0 && size.height > 0 ? size : null
}

const SIZE_OF: Readonly<Record<ImageFormat['media_type'], (bytes: Buffer) => ImageSize | null>> = {
  // IHDR is the first chunk.
  'image/png': (bytes) =>
    bytes.length < 24 || bytes.toString('latin1', 12, 16) !== 'IHDR'
      ? null
      : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) },
  'image/gif': gifSize,
  'image/jpeg': jpegSize,
  'image/webp': webpSize,
}

/** The screen, or what its frames reach beyond it: some readers enlarge the screen to them, and providers bill what they see. */
function gifSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 13) return null
  let width = bytes.readUInt16LE(6)
  let height = bytes.readUInt16LE(8)
  if (width === 0 || height === 0) return null
  let at = 13 + paletteBytes(bytes[10])
  for (;;) {
    const block = bytes[at]
    if (block === GIF_END) return { width, height }
    if (block === GIF_EXTENSION) at += 2
    else if (block === GIF_FRAME && at + 10 <= bytes.length) {
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5))
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7))
      // Behind the palette stands one byte that says how the pixels are packed.
      at += 10 + paletteBytes(bytes[at + 9]) + 1
    } else return null
    // Parts, each behind its length, up to an empty one.
    for (let length = bytes[at]; length !== 0; length = bytes[at]) {
      if (length === undefined) return null
      at += 1 + length
    }
    at += 1
  }
}

const GIF_END = 0x3b
const GIF_EXTENSION = 0x21
const GIF_FRAME = 0x2c

function paletteBytes(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1)
}

/** Walks from segment to segment until the one that begins a frame (SOF0 to SOF15, but not DHT, JPG and DAC among them). */
function jpegSize(bytes: Buffer): ImageSize | null {
  let at = 2
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff) return null
    const marker = bytes[at + 1] ?? 0
    // Filling between segments.
    if (marker === 0xff) {
      at += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    // Marks without a length have no place before the frame; taken for segments, they would lead past it to a planted one.
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9)) return null
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return null
}

/** Its first chunk is one of three: extended, lossless, lossy. */
function webpSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 30) return null
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    case 'VP8L': {
      const packed = bytes.readUInt32LE(21)
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    default:
      return null
  }
}
