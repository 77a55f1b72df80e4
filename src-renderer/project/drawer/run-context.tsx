import type { ContextImage } from '#contract/run-context.ts'
import { toFault } from '../../client/fault.ts'
import { useRunContext } from '../../client/queries.ts'
import { CitationLinks } from '../../knowledge/citation-links.tsx'
import { Chip } from '../../parts/chip.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../../parts/notes.tsx'
import { number } from '../../texts/figures.ts'
import { taskTexts } from '../texts.ts'
import { TextBlock } from './text-block.tsx'

/** Each attached image, and whether the model was shown it (P1). */
function ContextImages({ images }: { images: readonly ContextImage[] }) {
  const texts = taskTexts.context
  if (images.length === 0) return null
  return (
    <div>
      <p className="mb-1 text-ink-2">{texts.images}</p>
      <ul className="flex flex-col gap-1">
        {images.map(({ path, width, height, left_out }) => (
          <li key={path}>
            <span className="figures">{path}</span>{' '}
            <span className="text-ink-2">
              {left_out === null
                ? texts.imageShown(number(width ?? 0), number(height ?? 0))
                : texts.imageLeftOut(left_out)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What was sent to the model, word for word, and what each part of it weighs (E7). */
export function RunContextView({ runId }: { runId: string }) {
  const context = useRunContext(runId)
  const texts = taskTexts.context
  if (context.error !== null) {
    // Not there is not a fault: the attempt has not come so far.
    if (!toFault(context.error).may_heal) return <EmptyState title={texts.none}>{texts.noneWhy}</EmptyState>
    return <FaultNote error={context.error} retry={() => void context.refetch()} />
  }
  if (context.data === undefined) return <SkeletonRows />
  const { tokens, token_budget: budget, parts, sources, images, system, prompt } = context.data
  return (
    <div className="flex flex-col gap-4">
      <div>
        <p className="figures mb-2 text-ink-2">{texts.fits(number(tokens), number(budget))}</p>
        <ul className="flex flex-wrap gap-1.5">
          {parts.map((part) => (
            <li key={part.name}>
              <Chip {...(part.shortened ? { tone: 'needs' as const, title: texts.shortened } : {})}>
                {part.name} {number(part.tokens)}
                {part.shortened && `, ${texts.shortened}`}
              </Chip>
            </li>
          ))}
        </ul>
      </div>
      <ContextImages images={images} />
      <CitationLinks citations={sources} />
      <TextBlock label={texts.system} text={system} />
      <TextBlock label={texts.prompt} text={prompt} tall />
    </div>
  )
}
