import { SearchX } from 'lucide-react'
import type { SearchHit } from '#contract/knowledge.ts'
import { useKnowledgeSearch } from '../client/queries.ts'
import { Chip } from '../parts/chip.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'
import { placeHref, placeText } from './place-text.ts'

/** What was found, best first, each under the place where it stands. */
export function SearchResults({ query, projectId }: { query: string; projectId: string | null }) {
  const search = useKnowledgeSearch(query, projectId)
  if (search.error !== null) return <FaultNote error={search.error} retry={() => void search.refetch()} />
  if (search.data === undefined) return <SkeletonRows rows={3} />
  const { items, note } = search.data
  return (
    <section aria-label={texts.found(items.length)} className="flex flex-col gap-3">
      {note !== '' && (
        <p role="status" className="rounded border bg-sunk px-3 py-2 text-ink-2">
          {note}
        </p>
      )}
      {items.length === 0 ? (
        <EmptyState icon={<SearchX size={28} strokeWidth={1.5} />} title={texts.nothing}>
          {texts.nothingWhy}
        </EmptyState>
      ) : (
        <ol className="divide-y rounded border bg-surface">
          {items.map((hit) => (
            <Hit key={`${hit.citation.document_id} ${hit.citation.start}`} hit={hit} />
          ))}
        </ol>
      )}
    </section>
  )
}

function Hit({ hit }: { hit: SearchHit }) {
  const place = placeText(hit.citation)
  const how =
    hit.found_by.length > 1 ? texts.byBoth : hit.found_by.includes('meaning') ? texts.byMeaning : texts.byKeywords
  return (
    <li className="relative px-4 py-3 transition-colors hover:bg-hover">
      <div className="flex items-center gap-2">
        <a
          href={placeHref(hit.citation)}
          aria-label={texts.open(place)}
          className="min-w-0 truncate font-medium text-accent after:absolute after:inset-0 hover:underline"
        >
          {place}
        </a>
        {hit.heading !== '' && <span className="min-w-0 flex-1 truncate text-xs text-ink-3">{hit.heading}</span>}
        <span className="ml-auto shrink-0">
          <Chip>{how}</Chip>
        </span>
      </div>
      <p className="mt-1 line-clamp-3 break-words text-ink-2">{hit.text.trim()}</p>
    </li>
  )
}
