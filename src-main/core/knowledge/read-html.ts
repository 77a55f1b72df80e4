import { Parser } from 'htmlparser2'
import type { Piece, Reading } from './piece.ts'

/** What nobody reads on a page. */
const SILENT = new Set(['script', 'style', 'noscript', 'template', 'svg', 'head', 'iframe', 'object'])
const BLOCKS = new Set(
  'address article aside blockquote br body caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul'.split(
    ' ',
  ),
)

/** The words of a page, a line per block, each with the line of the file that it comes from. Nothing of it is run or fetched. */
export function readHtml(source: string): Reading {
  const lineAt = lineFinder(source)
  const pieces: Piece[] = []
  const path: { depth: number; title: string }[] = []
  let silence = 0
  let verbatim = 0
  let text = ''
  let begunAt = 0

  function endBlock(depth: number | null): void {
    const words = verbatim > 0 ? text.trimEnd() : text.trim()
    text = ''
    if (words === '') return
    if (depth !== null) {
      while ((path.at(-1)?.depth ?? 0) >= depth) path.pop()
      path.push({ depth, title: words.slice(0, 200) })
    }
    const heading = path.map((each) => each.title).join(' › ')
    pieces.push({ text: `${words}\n`, line: lineAt(begunAt), page: null, heading, begins: depth !== null })
  }

  const parser = new Parser(
    {
      onopentag(name) {
        if (SILENT.has(name)) silence += 1
        if (BLOCKS.has(name)) endBlock(null)
        if (name === 'pre') verbatim += 1
      },
      ontext(data) {
        if (silence > 0) return
        const words = verbatim > 0 ? data : data.replace(/\s+/g, ' ')
        if (text.trim() === '') {
          if (words.trim() === '') return
          begunAt = parser.startIndex + (data.length - data.trimStart().length)
        }
        text += words
      },
      onclosetag(name) {
        if (SILENT.has(name)) silence = Math.max(0, silence - 1)
        if (BLOCKS.has(name)) endBlock(/^h[1-6]$/.test(name) ? Number(name[1]) : null)
        if (name === 'pre') verbatim = Math.max(0, verbatim - 1)
      },
    },
    { decodeEntities: true },
  )
  parser.end(source)
  endBlock(null)
  return { media: 'html', pieces, pages: null, lines: lineAt(source.length) }
}

/** Tells the line of a place, for places that are asked for in order. */
function lineFinder(source: string): (at: number) => number {
  let line = 1
  let upTo = 0
  return (at) => {
    for (let next = source.indexOf('\n', upTo); next >= 0 && next < at; next = source.indexOf('\n', upTo)) {
      line += 1
      upTo = next + 1
    }
    return line
  }
}
