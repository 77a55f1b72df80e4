import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { NewAttachment } from '#contract/project.ts'
import { decodeText } from '../knowledge/decode-text.ts'
import { isPdf, pdfText } from '../knowledge/pdf-text.ts'

/** A file as it is put into the workspace. */
export interface AttachedFile {
  readonly name: string
  readonly path: string
  readonly content: Buffer
  readonly sha256: string
}

/** Folder of attached files in the workspace. */
const INPUTS = 'inputs'

/**
 * The files that a person attached (P1). Beside a PDF, or a text in another encoding than UTF-8, lies its text
 * (`report.pdf.txt`), which every model can read and search; where none can be taken from a PDF, that file says why. A file of
 * that name which the person gave goes before.
 */
export async function attachedFiles(given: readonly NewAttachment[]): Promise<AttachedFile[]> {
  const names = new Set(given.map((file) => file.name.toLowerCase()))
  const files: AttachedFile[] = []
  for (const file of given) {
    const content = 'text' in file ? Buffer.from(file.text) : Buffer.from(file.base64, 'base64')
    files.push(asAttached(file.name, content))
    const beside = `${file.name}.txt`
    const text = names.has(beside.toLowerCase()) ? null : await textBeside(file.name, content)
    if (text !== null) files.push(asAttached(beside, Buffer.from(text)))
  }
  return files
}

async function textBeside(name: string, content: Buffer): Promise<string | null> {
  if (isPdf(content)) {
    const text = await pdfText(content)
    return text.ok ? text.value : `[No text could be taken from ${name}. ${text.error}]\n`
  }
  if (isUtf8(content)) return null
  const text = decodeText(content)
  return text.ok ? text.value : null
}

function asAttached(name: string, content: Buffer): AttachedFile {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { name, path: `${INPUTS}/${name}`, content, sha256 }
}
