import { extname } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import { decodeText } from './decode-text.ts'
import type { Media, Reading } from './piece.ts'
import { readHtml } from './read-html.ts'
import { readLines } from './read-lines.ts'
import { readPdf } from './read-pdf.ts'

/** More text than this in one file is data, not something to cite. */
const MAX_CHARACTERS = 16_000_000

const MEDIA_OF: Readonly<Record<string, Media>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.mdx': 'markdown',
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.csv': 'csv',
  '.tsv': 'csv',
  '': 'text',
  '.txt': 'text',
  '.text': 'text',
  '.log': 'text',
  '.rst': 'text',
  '.adoc': 'text',
}

/** Reads a file's bytes by what they are and how the file is called. The error says why there is nothing to search in. */
export async function readDocument(name: string, bytes: Uint8Array): Promise<Result<Reading, string>> {
  if (Buffer.from(bytes.subarray(0, 1_024)).includes('%PDF-')) return readPdf(bytes, MAX_CHARACTERS)
  const text = decodeText(bytes)
  if (!text.ok) return text
  if (text.value.length > MAX_CHARACTERS) return err(`It holds more than ${MAX_CHARACTERS} characters. Split it.`)
  const media = mediaOf(name)
  const reading = media === 'html' ? readHtml(text.value) : readLines(text.value, media)
  return reading.pieces.some((piece) => piece.text.trim() !== '') ? ok(reading) : err('It has no text.')
}

/** What is neither prose nor a table nor a page is taken for code. */
export function mediaOf(name: string): Media {
  return MEDIA_OF[extname(name).toLowerCase()] ?? 'code'
}
