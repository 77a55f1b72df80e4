import { BookOpenText } from 'lucide-react'
import type { Citation } from '#contract/knowledge-words.ts'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'
import { placeHref, placeText } from './place-text.ts'

/** The places that something was taken from; each opens the document there (K3). */
export function CitationLinks({ citations }: { citations: readonly Citation[] }) {
  if (citations.length === 0) return null
  return (
    <nav aria-label={texts.sourcesOf} className="flex flex-wrap gap-1.5">
      {citations.map((citation) => (
        <a
          key={`${citation.document_id} ${citation.start}`}
          href={placeHref(citation)}
          className="inline-flex h-5 max-w-full items-center gap-1 truncate rounded-sm bg-accent-soft px-1.5 text-xs text-accent hover:underline"
        >
          <BookOpenText size={12} aria-hidden className="shrink-0" />
          <span className="truncate">{placeText(citation)}</span>
        </a>
      ))}
    </nav>
  )
}
