/** Thread that takes the text from one PDF; see `pdf-text.ts`. */
import { parentPort } from 'node:worker_threads'
import { ok, type Result } from '#contract/result.ts'
import { answerOn } from '../thread/thread-port.ts'
import { MAX_PDF_CHARACTERS, type PdfOperations } from './pdf-text.ts'
import { readPdf } from './read-pdf.ts'

async function textOf(bytes: Uint8Array): Promise<Result<string, string>> {
  const read = await readPdf(bytes, MAX_PDF_CHARACTERS)
  if (!read.ok) return read
  let page = 0
  let text = ''
  for (const piece of read.value.pieces) {
    if (piece.page !== page) {
      page = piece.page ?? page
      text += `${text === '' ? '' : '\n'}[Page ${page}]\n`
    }
    text += piece.text
  }
  return ok(text)
}

if (parentPort !== null) answerOn<PdfOperations>(parentPort, { text: textOf })
