import { ok, type Result } from '#contract/result.ts'
import type { ModelImage, ModelRequest } from './provider.ts'

/** All images of a request, in order. */
export function imagesOf({ messages }: Pick<ModelRequest, 'messages'>): readonly ModelImage[] {
  return messages.flatMap((message) => (message.role === 'user' ? (message.images ?? []) : []))
}

/**
 * The request as it is handed to a provider: with the bytes of its images. In the journal it has only their digests. The error
 * is a sentence that says what is missing.
 */
export async function withImageBytes(
  request: ModelRequest,
  base64Of: (sha256: string) => Promise<Result<string, string>>,
): Promise<Result<ModelRequest, string>> {
  if (imagesOf(request).length === 0) return ok(request)
  const messages: ModelRequest['messages'][number][] = []
  for (const message of request.messages) {
    if (message.role !== 'user' || message.images === undefined) {
      messages.push(message)
      continue
    }
    const images: ModelImage[] = []
    for (const image of message.images) {
      const base64 = await base64Of(image.sha256)
      if (!base64.ok) {
        return {
          ok: false,
          error: `The image ${image.path} cannot be sent, because Baton's copy of it cannot be read (${base64.error}). Retry the task; if it stays, attach the image to a new project.`,
        }
      }
      images.push({ ...image, base64: base64.value })
    }
    messages.push({ ...message, images })
  }
  return ok({ ...request, messages })
}

/** Bytes of the request on the wire, images and all, whether they are in it yet or not. */
export function wireBytes(request: ModelRequest): number {
  const images = imagesOf(request).reduce((sum, { bytes }) => sum + Math.ceil(bytes / 3) * 4, 0)
  return Buffer.byteLength(JSON.stringify(request)) + images
}

/** The bytes of an image of a request that went through {@link withImageBytes}. */
export function bytesOf({ path, base64 }: ModelImage): string {
  if (base64 === undefined) throw new Error(`The bytes of ${path} were not put into the request before it was sent`)
  return base64
}
