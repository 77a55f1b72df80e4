import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { MAX_ATTACHMENT_BYTES } from '#contract/project.ts'
import { err, ok, type Result } from '#contract/result.ts'

export interface TextFile {
  readonly name: string
  readonly text: string
}

/** Reads one text file, at most `MAX_ATTACHMENT_BYTES` long, in UTF-8. The error is a text for the user. */
export function readTextFile(path: string): Result<TextFile, string> {
  let bytes: Uint8Array
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return err(`${path} is not a file. Name a text file.`)
    if (stat.size > MAX_ATTACHMENT_BYTES) {
      return err(
        `${path} has ${(stat.size / 1e6).toFixed(1)} MB; files may have at most ${MAX_ATTACHMENT_BYTES / 1e6} MB. Attach the part that matters.`,
      )
    }
    bytes = readFileSync(path)
  } catch (fault) {
    return err(`${path} cannot be read: ${(fault as Error).message}. Check the path and its permissions.`)
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return ok({ name: basename(path), text })
  } catch {
    // Not UTF-8: answered below, like a NUL.
  }
  return err(`${path} is not a text file in UTF-8, and only those can be attached now. Convert it to text first.`)
}
