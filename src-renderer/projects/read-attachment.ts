import type { NewAttachment } from '#contract/project.ts'
import { MAX_ATTACHMENT_BYTES } from '#contract/requirements.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { newProjectTexts } from '../texts/projects.ts'

export const MAX_FILES = 50

/** Reads a chosen file, as text where it is text; the refusal says why it cannot be attached. */
export async function readAttachment(file: File): Promise<Result<NewAttachment, string>> {
  if (file.size > MAX_ATTACHMENT_BYTES) return err(newProjectTexts.refusedLarge(file.name, file.size))
  try {
    const content = new Uint8Array(await file.arrayBuffer())
    const text = decodeText(content)
    return ok(text === null ? { name: file.name, base64: await toBase64(file) } : { name: file.name, text })
  } catch (fault) {
    // A folder that was dropped, or a file that went away meanwhile.
    return err(newProjectTexts.refusedUnreadable(file.name, fault instanceof Error ? fault.message : String(fault)))
  }
}

/** How large a file is, in bytes. */
export function sizeOf(file: NewAttachment): number {
  if ('text' in file) return new Blob([file.text]).size
  return (file.base64.length / 4) * 3 - (file.base64.match(/=+$/)?.[0].length ?? 0)
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

function toBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error('It cannot be read.'))
    reader.readAsDataURL(file)
  })
}
