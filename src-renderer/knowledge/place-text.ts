import type { Citation } from '#contract/knowledge-words.ts'
import { hrefOf } from '../route.ts'

/** Where something stands, as the model saw it too. */
export function placeText({ title, page, line_start, line_end }: Citation): string {
  if (page !== null) return `${title}, page ${page}`
  return line_end > line_start ? `${title}:${line_start}-${line_end}` : `${title}:${line_start}`
}

/** The address that opens a document at a cited place. */
export function placeHref({ document_id, start, end }: Citation): string {
  return hrefOf({ page: 'knowledge', place: { documentId: document_id, start, end } })
}
