import { asc, eq } from 'drizzle-orm'
import type { ModelProfile } from '#contract/model.ts'
import type { ContextImage, RunContext } from '#contract/run-context.ts'
import type { Attached, ImageLook } from '../image/image-shelf.ts'
import type { ModelImage, ModelMessage } from '../model/provider.ts'
import { onceFor } from '../store/once-for.ts'
import { attachment } from '../store/schema.ts'
import { steady } from '../store/steady.ts'
import type { Store } from '../store/store.ts'
import type { RunFrame } from './run-frame.ts'

/** Images of one call. Local models have little room for more. */
const MAX_IMAGES = 5
/** Bytes of all images of one call: 16 MB in base64, so that all of it stays below the 20 MB that Google takes. */
const MAX_BYTES = 12_000_000

/** Asked in each run: to build its SQL each time costs more than to answer it. */
const attached = onceFor(({ orm }: Store) =>
  orm
    .select()
    .from(attachment)
    .where(eq(attachment.project_id, steady('project')))
    .orderBy(asc(attachment.id))
    .prepare(),
)

/**
 * The images among the attached files (P1), in order, each with why the run's model is not shown it: because it cannot see, or
 * not this kind, because the image cannot be sent, or because there are too many; and whether what the model sees is known.
 * Empty where none are attached.
 */
export async function givenImages(
  frame: RunFrame,
): Promise<{ readonly images: readonly ContextImage[]; readonly is_known: boolean }> {
  const { services, project, profile, workspace, control } = frame
  const found: { readonly file: Attached & { readonly bytes: number }; readonly look: ImageLook }[] = []
  for (const file of attached(services.store).all({ project: project.id })) {
    const look = await services.images.look(workspace, file)
    if (look !== null) found.push({ file, look })
  }
  if (found.length === 0) return { images: [], is_known: true }
  const kinds = await services.sight.kinds(profile, control.signal)
  let shown = 0
  let sent_bytes = 0
  const images = found.map(({ file: { path, bytes, sha256 }, look }) => {
    if (!look.ok) return { path, bytes, sha256, media_type: null, width: null, height: null, left_out: look.reason }
    const { ok: _, ...image } = look
    const left_out = cannotSee(profile, kinds, image.media_type) ?? tooMuch(shown, sent_bytes + image.bytes)
    if (left_out === null) {
      shown += 1
      sent_bytes += image.bytes
    }
    return { path, sha256, ...image, left_out }
  })
  return { images, is_known: kinds !== null }
}

function cannotSee(
  { display_name }: ModelProfile,
  kinds: readonly ModelImage['media_type'][] | null,
  kind: ModelImage['media_type'],
): string | null {
  if (kinds === null) return `It is not known whether ${display_name} can look at images.`
  if (kinds.length === 0) return `${display_name} cannot look at images.`
  if (kinds.includes(kind)) return null
  const words = kinds.map((each) => each.slice('image/'.length).toUpperCase()).join(', ')
  return `${display_name} cannot look at images of the kind ${kind}, only at ${words}.`
}

function tooMuch(shown: number, sent_bytes: number): string | null {
  if (shown >= MAX_IMAGES) return `Models are shown the first ${MAX_IMAGES} images.`
  if (sent_bytes > MAX_BYTES) return `Models are shown ${MAX_BYTES} bytes of images at most.`
  return null
}

/** What a model is told about the images, for a part of its prompt; empty where there are none. */
export function imageWords(images: readonly ContextImage[]): string {
  const shown = images.filter(({ left_out }) => left_out === null)
  const left = images.filter(({ left_out }) => left_out !== null)
  const lines: string[] = []
  if (shown.length > 0) {
    lines.push('You are shown these images, in this order, before this text:')
    lines.push(...shown.map(({ path, width, height }, index) => `${index + 1}. ${path} (${width} × ${height} pixels)`))
  }
  if (left.length > 0) {
    lines.push('You are NOT shown these images:')
    lines.push(...left.map(({ path, left_out }) => `- ${path}: ${left_out}`))
    lines.push('Never pretend to have seen them. Where something depends on them, say so in your result.')
  }
  return lines.join('\n')
}

/** The first message of a conversation: the images that are shown, then the prompt. */
export function firstMessage({ prompt, images }: RunContext): ModelMessage {
  const shown = images.flatMap(toModelImage)
  return { role: 'user', text: prompt, ...(shown.length === 0 ? {} : { images: shown }) }
}

function toModelImage({ left_out, media_type, width, height, ...image }: ContextImage): ModelImage[] {
  if (left_out !== null || media_type === null || width === null || height === null) return []
  return [{ ...image, media_type, width, height }]
}

/** Whether a stored context says the same of its images as one that is made now: the run may have got another model. */
export function saysTheSame(stored: RunContext, images: readonly ContextImage[]): boolean {
  return imageWords(stored.images) === imageWords(images)
}
