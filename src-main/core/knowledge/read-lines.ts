import type { Media, Piece, Reading } from './piece.ts'

/** Each line with its end, so that together they are the text again. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** Texts in which a line is a line of the file: prose, Markdown, code, CSV. */
export function readLines(text: string, media: Media): Reading {
  const lines = linesOf(text)
  const pieces = media === 'markdown' ? markdown(lines) : media === 'csv' ? table(lines) : plain(lines)
  return { media, pieces, pages: null, lines: lines.length }
}

function plain(lines: readonly string[]): Piece[] {
  let isEmptyBefore = false
  return lines.map((text, index) => {
    const begins = isEmptyBefore && text.trim() !== ''
    isEmptyBefore = text.trim() === ''
    return { text, line: index + 1, page: null, heading: '', begins }
  })
}

/** Keeps the path of headings that a line stands under; what is fenced is code, whatever it begins with. */
function markdown(lines: readonly string[]): Piece[] {
  const path: { depth: number; title: string }[] = []
  let fence: string | null = null
  return lines.map((text, index) => {
    const mark = /^ {0,3}(```|~~~)/.exec(text)?.[1]
    if (mark !== undefined) fence = fence === null ? mark : fence === mark ? null : fence
    const [, hashes, title] = fence === null ? (/^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(text) ?? []) : []
    if (hashes !== undefined) {
      while ((path.at(-1)?.depth ?? 0) >= hashes.length) path.pop()
      path.push({ depth: hashes.length, title: (title ?? '').slice(0, 200) })
    }
    const heading = path.map((each) => each.title).join(' › ')
    return { text, line: index + 1, page: null, heading, begins: hashes !== undefined }
  })
}

/** The first line names the columns, which a row further down does not say. */
function table(lines: readonly string[]): Piece[] {
  const heading = (lines[0] ?? '').trim().slice(0, 500)
  return lines.map((text, index) => ({ text, line: index + 1, page: null, heading, begins: false }))
}
