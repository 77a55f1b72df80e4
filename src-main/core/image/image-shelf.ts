import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { IMAGE_EXTENSIONS, type ImageFormat, imageFormat, isWhole } from './image-format.ts'
import { imageSize } from './image-size.ts'

/** Bytes of one image: 5 MB in base64, the least that a provider takes (Anthropic). */
export const MAX_IMAGE_BYTES = 3_750_000
/** A longer side is refused by Anthropic. */
const MAX_SIDE = 8_000
/** Attachments are no larger (10 million UTF-16 units of text, three bytes each at most). */
const MAX_READ_BYTES = 30_000_000

/** A file that a person attached, as its row says; an import may have brought the row. */
export interface Attached {
  readonly path: string
  readonly sha256: string
}

/** What an attached file is to models: an image that can be shown, or one that cannot, with the reason as a sentence. */
export type ImageLook =
  | {
      readonly ok: true
      readonly media_type: ImageFormat['media_type']
      readonly bytes: number
      readonly width: number
      readonly height: number
    }
  | { readonly ok: false; readonly reason: string }

/**
 * Attached images by their digest, as they were attached: what a model has been shown stays what it was, whatever becomes of
 * the file in the workspace.
 */
export interface ImageShelf {
  /** Null where the file is no image. One that can be shown is kept from now on. */
  look(workspace: Pick<Workspace, 'read'>, file: Attached): Promise<ImageLook | null>
  /** The bytes of one that was kept, in base64; an error says why they are not there. */
  base64(sha256: string): Promise<Result<string, string>>
}

export function createImageShelf(blobs: BlobStore): ImageShelf {
  /** A digest's bytes never change, so neither does what they are. */
  const known = new Map<string, ImageLook | null>()

  async function contentOf(
    workspace: Pick<Workspace, 'read'>,
    { path, sha256 }: Attached,
  ): Promise<Result<Uint8Array, string>> {
    const kept = blobs.pathOf(sha256)
    if (existsSync(kept)) return ok(await readFile(kept))
    const read = await workspace.read(path, MAX_READ_BYTES)
    return read.ok ? read : err(read.error.message)
  }

  return {
    async look(workspace, file) {
      const before = known.get(file.sha256)
      if (before !== undefined) return before
      const content = await contentOf(workspace, file)
      if (!content.ok) {
        const isNamedSo = IMAGE_EXTENSIONS.includes(extname(file.path).toLowerCase())
        return isNamedSo ? { ok: false, reason: `It cannot be read: ${content.error}` } : null
      }
      const format = imageFormat(content.value)
      if (createHash('sha256').update(content.value).digest('hex') !== file.sha256) {
        return format === null ? null : { ok: false, reason: 'It was changed since it was attached.' }
      }
      const look = format === null ? null : lookAt(content.value, format)
      if (look?.ok === true) blobs.put(content.value)
      known.set(file.sha256, look)
      return look
    },
    async base64(sha256) {
      try {
        return ok(await readFile(blobs.pathOf(sha256), 'base64'))
      } catch (error) {
        return err(error instanceof Error ? error.message : String(error))
      }
    },
  }
}

function lookAt(content: Uint8Array, format: ImageFormat): ImageLook {
  const size = imageSize(content, format)
  if (size === null || !isWhole(content, format)) return { ok: false, reason: 'It is damaged or not whole.' }
  if (content.byteLength > MAX_IMAGE_BYTES) {
    return { ok: false, reason: `It has ${content.byteLength} bytes; models are shown ${MAX_IMAGE_BYTES} at most.` }
  }
  if (size.width > MAX_SIDE || size.height > MAX_SIDE) {
    return {
      ok: false,
      reason: `It has ${size.width} × ${size.height} pixels; models are shown ${MAX_SIDE} a side at most.`,
    }
  }
  return { ok: true, media_type: format.media_type, bytes: content.byteLength, ...size }
}
