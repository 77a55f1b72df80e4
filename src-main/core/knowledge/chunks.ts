import type { Piece } from './piece.ts'

/** A part of a document's text that is found and cited as one. */
export interface Chunk {
  /** UTF-16 code units of the document's text; the end is exclusive. */
  readonly start: number
  readonly end: number
  readonly line_start: number
  readonly line_end: number
  readonly page: number | null
  readonly heading: string
  readonly text: string
}

/** About 300 tokens: small enough to mean one thing, and for the window of every embedding model. */
const TARGET = 1_200
const MAX = 1_600
/** A part shorter than this is not worth a chunk of its own. */
const MIN = 300

/** Cuts a document into chunks, at the beginnings of its parts where that can be. Together they are its text. */
export function toChunks(pieces: readonly Piece[]): Chunk[] {
  const chunks: Chunk[] = []
  let open: Piece[] = []
  let size = 0
  let start = 0

  function close(): void {
    const [first] = open
    const last = open.at(-1)
    if (first === undefined || last === undefined) return
    const text = open.map((piece) => piece.text).join('')
    chunks.push({
      start,
      end: start + text.length,
      line_start: first.line,
      line_end: last.line,
      page: first.page,
      heading: first.heading,
      text,
    })
    start += text.length
    open = []
    size = 0
  }

  for (const whole of pieces) {
    for (const piece of split(whole)) {
      const isOtherPage = open[0] !== undefined && open[0].page !== piece.page
      const isFull = size + piece.text.length > MAX || size >= TARGET
      if (isOtherPage || isFull || (piece.begins && size >= MIN)) close()
      open.push(piece)
      size += piece.text.length
    }
  }
  close()
  return chunks
}

/** A line that is too long for a chunk, cut at sentences or spaces where there are any. */
function split(piece: Piece): Piece[] {
  if (piece.text.length <= MAX) return [piece]
  const parts: Piece[] = []
  for (let at = 0; at < piece.text.length; ) {
    const end = at + MAX >= piece.text.length ? piece.text.length : at + cutOf(piece.text.slice(at, at + MAX))
    parts.push({ ...piece, text: piece.text.slice(at, end), begins: piece.begins && at === 0 })
    at = end
  }
  return parts
}

function cutOf(text: string): number {
  const sentence = Math.max(text.lastIndexOf('. '), text.lastIndexOf('? '), text.lastIndexOf('! ')) + 2
  if (sentence > MIN) return sentence
  const space = text.lastIndexOf(' ') + 1
  if (space > MIN) return space
  // Never between the halves of one character.
  return /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length
}
