import { err, ok, type Result } from '#contract/result.ts'
import type { Piece, Reading } from './piece.ts'

const MAX_PAGES = 5_000

/**
 * The words of a PDF, a line per line of its pages. A PDF can take any time and memory: whoever calls bounds both and ends
 * the thread. The library is loaded with the first PDF.
 */
export async function readPdf(bytes: Uint8Array, maxCharacters: number): Promise<Result<Reading, string>> {
  const { getDocumentProxy } = await import('unpdf')
  let pdf: Awaited<ReturnType<typeof getDocumentProxy>>
  try {
    // A copy of its own: the library takes the memory away, and refuses Node's buffers.
    pdf = await getDocumentProxy(new Uint8Array(bytes), { useSystemFonts: false, verbosity: 0 })
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault)
    return err(/password/i.test(why) ? 'It is locked with a password.' : `It is a damaged PDF (${why.slice(0, 200)}).`)
  }
  try {
    if (pdf.numPages > MAX_PAGES) return err(`It has ${pdf.numPages} pages, more than ${MAX_PAGES}. Split it.`)
    const pieces: Piece[] = []
    let characters = 0
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number)
      const { items } = await page.getTextContent()
      let line = ''
      let lines = 0
      const endLine = (): void => {
        lines += 1
        if (line.trim() !== '') {
          pieces.push({ text: `${line}\n`, line: lines, page: number, heading: '', begins: lines === 1 })
          characters += line.length + 1
        }
        line = ''
      }
      for (const item of items) {
        if (!('str' in item)) continue
        line += item.str.replaceAll(/[\r\n]+/g, ' ')
        if (item.hasEOL) endLine()
        if (characters > maxCharacters) return err(`It holds more than ${maxCharacters} characters. Split it.`)
      }
      if (line !== '') endLine()
      page.cleanup()
    }
    if (characters === 0) return err('It has no text, only pictures. Run a text recognition over it first.')
    return ok({ media: 'pdf', pieces, pages: pdf.numPages, lines: null })
  } finally {
    await pdf.loadingTask.destroy()
  }
}
