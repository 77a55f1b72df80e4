import { useEffect, useRef } from 'react'
import type { DocumentText } from '#contract/knowledge.ts'
import { useDocumentText } from '../client/queries.ts'
import { classNames } from '../parts/class-names.ts'
import { Drawer } from '../parts/drawer.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { type DocumentPlace, navigate } from '../route.ts'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'

/** A document as it was read, open at the cited place (K3). Nothing in it is more than text (S10). */
export function DocumentDrawer({ place }: { place: DocumentPlace }) {
  const text = useDocumentText(place.documentId, place.start)
  return (
    <Drawer
      label={texts.document}
      onClose={() => navigate({ page: 'knowledge', place: null })}
      header={<h2 className="truncate text-md font-semibold">{text.data?.title ?? texts.document}</h2>}
    >
      <div className="min-h-0 flex-1 overflow-auto p-4">
        {text.error !== null ? (
          <FaultNote error={text.error} retry={() => void text.refetch()} />
        ) : text.data === undefined ? (
          <SkeletonRows />
        ) : (
          <Parts text={text.data} place={place} />
        )}
      </div>
    </Drawer>
  )
}

function Parts({ text, place }: { text: DocumentText; place: DocumentPlace }) {
  const cited = useRef<HTMLDivElement>(null)
  const { parts, pages, characters } = text
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place in the same text is gone to as well
  useEffect(() => {
    cited.current?.scrollIntoView({ block: 'center' })
  }, [place.start, text])
  const shown = parts.reduce((sum, part) => sum + part.text.length, 0)
  const first = parts.find((part) => isCited(part, place))
  return (
    <div className="flex flex-col gap-px">
      {shown < characters && <p className="mb-2 text-xs text-ink-3">{texts.part(shown, characters)}</p>}
      {parts.map((part, index) => {
        const isNewPage = part.page !== null && part.page !== parts[index - 1]?.page
        return (
          <div key={part.start} ref={part === first ? cited : null}>
            {isNewPage && part.page !== null && (
              <h3 className="mt-3 mb-1 border-b text-xs text-ink-3">{texts.page(part.page, pages)}</h3>
            )}
            <div
              className={classNames(
                'flex gap-3 rounded-sm px-2 py-0.5',
                isCited(part, place) && 'bg-accent-soft outline outline-accent/40',
              )}
              aria-current={isCited(part, place) ? 'location' : undefined}
            >
              <span
                role="img"
                className="figures w-8 shrink-0 text-right font-mono text-xs leading-5 text-ink-3 select-none"
                aria-label={texts.line(part.line)}
              >
                {part.line}
              </span>
              <pre className="min-w-0 flex-1 font-mono text-xs leading-5 break-words whitespace-pre-wrap select-text">
                {part.text}
              </pre>
            </div>
          </div>
        )
      })}
    </div>
  )
}

function isCited(part: DocumentText['parts'][number], { start, end }: DocumentPlace): boolean {
  return part.start < end && part.start + part.text.length > start
}
