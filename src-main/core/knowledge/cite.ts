import type { SearchHit } from '#contract/knowledge.ts'
import type { Citation } from '#contract/knowledge-words.ts'
import { withoutMarks } from '../tool/untrusted.ts'

/** Where something stands, as a person would look it up: `guide.pdf, page 3` or `notes/owls.md:12-20`. */
export function placeOf({ title, page, line_start, line_end }: Citation): string {
  if (page !== null) return `${title}, page ${page}`
  return line_end > line_start ? `${title}:${line_start}-${line_end}` : `${title}:${line_start}`
}

/** A hit as a model reads it: its place first, so that it can be cited, and its text as material. */
export function citedText({ citation, heading, text }: SearchHit, maxCharacters = Number.POSITIVE_INFINITY): string {
  const cut = text.length > maxCharacters ? `${text.slice(0, maxCharacters)} […]` : text
  const under = heading === '' ? '' : ` (${heading})`
  return `[${placeOf(citation)}]${under}\n${withoutMarks(cut.trim())}`
}
