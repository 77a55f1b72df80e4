import { pngOf } from './png.ts'

/** What a header says. */
export interface ImageHeader {
  readonly media_type: 'image/png' | 'image/gif' | 'image/jpeg' | 'image/webp'
  readonly width: number
  readonly height: number
}

const GIF_START = Buffer.from('474946383961', 'hex')
const JPEG_START = Buffer.from('ffd8', 'hex')

/**
 * The size of an image as the doubles of providers see it; null for what is none. Read apart from Baton's own reader, so that a
 * mistake there shows.
 */
export function imageHeader(content: Buffer): ImageHeader | null {
  const start = content.toString('latin1', 0, 16)
  if (start.startsWith('\x89PNG')) {
    return { media_type: 'image/png', width: content.readUInt32BE(16), height: content.readUInt32BE(20) }
  }
  if (start.startsWith('GIF8')) return { media_type: 'image/gif', ...gifSize(content) }
  if (content.indexOf(JPEG_START) === 0) {
    const frame = Math.max(...JPEG_FRAMES.map((mark) => content.indexOf(mark)))
    if (frame === -1) return null
    return { media_type: 'image/jpeg', width: content.readUInt16BE(frame + 7), height: content.readUInt16BE(frame + 5) }
  }
  if (!start.startsWith('RIFF')) return null
  const [width = 0, height = 0] = webpSize(start.slice(12), content)
  return { media_type: 'image/webp', width, height }
}

/** A frame of 8 bits in three colours, in one piece or growing clearer. */
const JPEG_FRAMES = [Buffer.from('ffc0001108', 'hex'), Buffer.from('ffc2001108', 'hex')]

/** The first frame, or the screen where that is larger. */
function gifSize(content: Buffer): Size {
  const isColoured = (content.readUInt8(10) & 0x80) > 0
  let at = 13 + (isColoured ? 3 * 2 ** ((content.readUInt8(10) % 8) + 1) : 0)
  while (content.readUInt8(at) === 0x21) {
    at += 2
    while (content.readUInt8(at) > 0) at += content.readUInt8(at) + 1
    at += 1
  }
  const reach = (word: number) => content.readUInt16LE(at + 1 + word) + content.readUInt16LE(at + 5 + word)
  return { width: Math.max(content.readUInt16LE(6), reach(0)), height: Math.max(content.readUInt16LE(8), reach(2)) }
}

function webpSize(kind: string, content: Buffer): number[] {
  switch (kind) {
    case 'VP8X':
      return [content.readUIntLE(24, 3) + 1, content.readUIntLE(27, 3) + 1]
    case 'VP8L': {
      const packed = content.readUInt32LE(21)
      return [(packed % 0x4000) + 1, (Math.floor(packed / 0x4000) % 0x4000) + 1]
    }
    default:
      return [content.readUInt16LE(26), content.readUInt16LE(28)]
  }
}

/** Beginnings of images, by what they are; all that tells their size is there, the pixels are not. */
export const IMAGE_HEADERS: Readonly<Record<string, (width: number, height: number) => Buffer>> = {
  PNG(width, height) {
    const png = pngOf(1, 1, 0)
    png.writeUInt32BE(width, 16)
    png.writeUInt32BE(height, 20)
    return png
  },
  GIF: (width, height) => gif({ width, height }, { width, height }),
  'GIF whose frame is larger than its screen': (width, height) => gif({ width: 1, height: 1 }, { width, height }),
  JPEG: (width, height) => jpeg(0xc0, width, height),
  'progressive JPEG': (width, height) => jpeg(0xc2, width, height),
  'lossy WebP'(width, height) {
    const frame = Buffer.from('3001009d012a00000000', 'hex')
    frame.writeUInt16LE(width, 6)
    frame.writeUInt16LE(height, 8)
    return webp('VP8 ', frame)
  },
  'lossless WebP'(width, height) {
    const frame = Buffer.alloc(10)
    frame[0] = 0x2f
    frame.writeUInt32LE(width - 1 + (height - 1) * 0x4000, 1)
    return webp('VP8L', frame)
  },
  'extended WebP'(width, height) {
    const canvas = Buffer.alloc(10)
    canvas.writeUIntLE(width - 1, 4, 3)
    canvas.writeUIntLE(height - 1, 7, 3)
    return webp('VP8X', canvas)
  },
}

interface Size {
  readonly width: number
  readonly height: number
}

function sizeWords({ width, height }: Size): Buffer {
  const words = Buffer.alloc(4)
  words.writeUInt16LE(width, 0)
  words.writeUInt16LE(height, 2)
  return words
}

function gif(screen: Size, frame: Size): Buffer {
  const start = Buffer.concat([GIF_START, sizeWords(screen), Buffer.from('800000ff0000000000', 'hex')])
  const pixels = Buffer.from('0002024c01003b', 'hex')
  return Buffer.concat([start, Buffer.from('2c00000000', 'hex'), sizeWords(frame), pixels])
}

function jpeg(marker: number, width: number, height: number): Buffer {
  const frame = Buffer.from([0xff, marker, 0, 0x11, 8, 0, 0, 0, 0, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1])
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  const density = Buffer.from('ffe000104a46494600010100000100010000', 'hex')
  return Buffer.concat([JPEG_START, density, frame, Buffer.from('ffd9', 'hex')])
}

function webp(kind: string, chunk: Buffer): Buffer {
  const head = Buffer.from(`RIFF\0\0\0\0WEBP${kind}\0\0\0\0`, 'latin1')
  head.writeUInt32LE(12 + chunk.length, 4)
  head.writeUInt32LE(chunk.length, 16)
  return Buffer.concat([head, chunk])
}
