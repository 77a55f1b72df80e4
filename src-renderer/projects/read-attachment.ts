import { MAX_ATTACHMENT_BYTES } from '#contract/project.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { newProjectTexts } from '../texts/projects.ts'

/** A text file as it is handed to a new project. */
export interface AttachedFile {
  readonly name: string
  readonly text: string
}

export const MAX_FILES = 50

/** Reads a chosen file as text; the refusal says why it cannot be attached. */
export async function readAttachment(file: File): Promise<Result<AttachedFile, string>> {
  if (file.size > MAX_ATTACHMENT_BYTES) return err(newProjectTexts.refusedLarge(file.name, file.size))
  const text = decodeText(new Uint8Array(await file.arrayBuffer()))
  return text === null ? err(newProjectTexts.refusedBinary(file.name)) : ok({ name: file.name, text })
}

/** The bytes as UTF-8 text; null where they are something else (a NUL is legal UTF-8, but no text has one). */
export function decodeText(content: Uint8Array): string | null {
  if (content.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    // The decoder's way of saying that the bytes are no UTF-8.
    return null
  }
}
