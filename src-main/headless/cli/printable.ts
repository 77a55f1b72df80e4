/** Control characters, and marks that turn the direction of a whole line. */
const HOSTILE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
let segmenter: Intl.Segmenter | undefined

/** Made when it is needed: its tables take longer to load than most commands. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** Text of a model or a file on one line, without anything that could steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(HOSTILE, ' ').trim()
}

function widthOf(grapheme: string): number {
  if (/^\p{M}+$/u.test(grapheme)) return 0
  return WIDE.test(grapheme) || /\p{Emoji_Presentation}/u.test(grapheme) ? 2 : 1
}

/** Columns that `text` takes in a terminal. */
export function textWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes(text)) width += widthOf(segment)
  return width
}

/** `text` cut to `width` columns, with … where something is missing. */
export function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** `text` cut or filled to exactly `width` columns. */
export function column(text: string, width: number): string {
  const cut = clip(text, width)
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)))
}

/** `text` broken between words into lines of at most `width` columns; a word that is wider stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of printable(paragraph).split(/ +/)) {
      const longer = line === '' ? word : `${line} ${word}`
      if (line !== '' && textWidth(longer) > width) {
        lines.push(line)
        line = word
      } else {
        line = longer
      }
    }
    lines.push(line)
  }
  return lines
}
