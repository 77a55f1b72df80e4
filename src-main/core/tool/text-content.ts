import { createHash } from 'node:crypto'
import { ok, type Result } from '#contract/result.ts'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'

/** A whole text file. Byte order marks and line ends stay as they are, so that writing it back changes nothing. */
export async function readText(workspace: Workspace, path: string): Promise<Result<string, FileRefusal>> {
  const read = await workspace.read(path)
  if (!read.ok) return read
  const text = decodeText(read.value)
  if (text !== null) return ok(text)
  const message = `"${path}" is not a UTF-8 text file. Use a command that understands its format.`
  return { ok: false, error: { kind: 'not_text', message } }
}

function decodeText(content: Uint8Array): string | null {
  if (content.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return null
  }
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** As {@link Workspace.hash} gives it. */
export function hashOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
