/** Thread that takes the text from one PDF; see `pdf-text.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { MAX_PDF_CHARACTERS, type PdfAnswer } from './pdf-text.ts'
import { readPdf } from './read-pdf.ts'

async function work(): Promise<PdfAnswer> {
  const read = await readPdf(workerData as Uint8Array, MAX_PDF_CHARACTERS)
  if (!read.ok) return { text: null, problem: read.error }
  let page = 0
  let text = ''
  for (const piece of read.value.pieces) {
    if (piece.page !== page) {
      page = piece.page ?? page
      text += `${text === '' ? '' : '\n'}[Page ${page}]\n`
    }
    text += piece.text
  }
  return { text, problem: '' }
}

parentPort?.postMessage(await work())
