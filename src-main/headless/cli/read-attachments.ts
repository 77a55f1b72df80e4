import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { NewAttachment } from '#contract/project.ts'
import { MAX_ATTACHMENT_BYTES } from '#contract/requirements.ts'
import { err, ok, type Result } from '#contract/result.ts'

export interface TextFile {
  readonly name: string
  readonly text: string
}

/** Reads one text file, at most `MAX_ATTACHMENT_BYTES` long, in UTF-8. The error is a text for the user. */
export function readTextFile(path: string): Result<TextFile, string> {
  const content = readBytes(path)
  if (!content.ok) return content
  const text = asText(content.value)
  return text === null
    ? err(`${path} is not a text file in UTF-8. Convert it to text first.`)
    : ok({ name: basename(path), text })
}

/** Reads a file of any kind to attach, at most `MAX_ATTACHMENT_BYTES` long. The error is a text for the user. */
export function readAttachment(path: string): Result<NewAttachment, string> {
  const content = readBytes(path)
  if (!content.ok) return content
  const name = basename(path)
  const text = asText(content.value)
  return ok(text === null ? { name, base64: content.value.toString('base64') } : { name, text })
}

function asText(content: Buffer): string | null {
  return isUtf8(content) && !content.includes(0) ? new TextDecoder().decode(content) : null
}

function readBytes(path: string): Result<Buffer, string> {
  try {
    const stat = statSync(path)
    if (!stat.isFile())
      return err(`${path} is not a file. Name a file; a folder can be added to the project's knowledge.`)
    if (stat.size > MAX_ATTACHMENT_BYTES) {
      return err(
        `${path} has ${(stat.size / 1e6).toFixed(1)} MB; files may have at most ${MAX_ATTACHMENT_BYTES / 1e6} MB. Attach the part that matters.`,
      )
    }
    return ok(readFileSync(path))
  } catch (fault) {
    return err(`${path} cannot be read: ${(fault as Error).message}. Check the path and its permissions.`)
  }
}
