import { MessageSquareText } from 'lucide-react'
import { useFreeRuns } from '../client/queries.ts'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { frameTexts } from '../texts/frame.ts'
import { promptsTexts as texts } from '../texts/prompts.ts'
import { PromptForm } from './prompt-form.tsx'
import { PromptTable } from './prompt-table.tsx'

/** Free prompts: ask one, and see how those before it stand. */
export default function PromptsPage() {
  const runs = useFreeRuns()
  const rows = runs.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={frameTexts.pages.prompts} fill>
      <div className="flex min-h-0 flex-1 flex-col gap-4 px-6 py-4">
        <PromptForm />
        {runs.error !== null ? (
          <FaultNote error={runs.error} retry={() => void runs.refetch()} />
        ) : runs.data === undefined ? (
          <SkeletonRows />
        ) : rows.length === 0 ? (
          <EmptyState icon={<MessageSquareText size={28} strokeWidth={1.5} />} title={texts.empty}>
            <p>{texts.emptyHint}</p>
          </EmptyState>
        ) : (
          <PromptTable runs={rows} onEnd={() => runs.hasNextPage && !runs.isFetching && void runs.fetchNextPage()} />
        )}
      </div>
    </Page>
  )
}
