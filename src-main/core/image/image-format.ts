/** An image format that Baton takes from an image server and shows. SVG is not among them: it can carry code. */
export interface ImageFormat {
  readonly media_type: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif'
  /** File name endings that fit it; the first is used where none is given. */
  readonly extensions: readonly string[]
}

const PNG: ImageFormat = { media_type: 'image/png', extensions: ['.png'] }
const JPEG: ImageFormat = { media_type: 'image/jpeg', extensions: ['.jpg', '.jpeg'] }
const WEBP: ImageFormat = { media_type: 'image/webp', extensions: ['.webp'] }
const GIF: ImageFormat = { media_type: 'image/gif', extensions: ['.gif'] }

export const IMAGE_EXTENSIONS = [PNG, JPEG, WEBP, GIF].flatMap((format) => format.extensions)

/** What the first bytes say an image is; null where they say nothing known. A file's name proves nothing. */
export function imageFormat(content: Uint8Array): ImageFormat | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  if (bytes.toString('hex', 0, 8) === '89504e470d0a1a0a') return PNG
  if (bytes.toString('hex', 0, 3) === 'ffd8ff') return JPEG
  if (/^RIFF[\s\S]{4}WEBP$/.test(bytes.toString('latin1', 0, 12))) return WEBP
  if (/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return GIF
  return null
}

/** Whether an image ends as its format says. One whose transfer was cut does not. */
export function isWhole(content: Uint8Array, format: ImageFormat): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  switch (format.media_type) {
    case 'image/png':
      // The last chunk is IEND: no data, four bytes of checksum behind its name.
      return bytes.toString('latin1', bytes.length - 8, bytes.length - 4) === 'IEND'
    case 'image/jpeg':
      return bytes.lastIndexOf(Buffer.from('ffd9', 'hex')) > 3
    case 'image/webp':
      return bytes.length >= 12 && bytes.length >= bytes.readUInt32LE(4) + 8
    case 'image/gif':
      return bytes.at(-1) === 0x3b
  }
}
