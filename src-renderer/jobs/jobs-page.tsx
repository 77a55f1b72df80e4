import { Forward } from 'lucide-react'
import { useState } from 'react'
import { useJobs } from '../client/queries.ts'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { frameTexts } from '../texts/frame.ts'
import { jobsTexts as texts } from '../texts/jobs.ts'
import { JobDialog } from './job-dialog.tsx'
import { JobTable } from './job-table.tsx'

/** Jobs: what other programs have handed over, who has it, and what came of it. */
export default function JobsPage() {
  const jobs = useJobs()
  const [open, setOpen] = useState<string | null>(null)
  const rows = jobs.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={frameTexts.pages.jobs} fill>
      <div className="flex min-h-0 flex-1 flex-col gap-4 px-6 py-4">
        {jobs.error !== null ? (
          <FaultNote error={jobs.error} retry={() => void jobs.refetch()} />
        ) : jobs.data === undefined ? (
          <SkeletonRows />
        ) : rows.length === 0 ? (
          <EmptyState icon={<Forward size={28} strokeWidth={1.5} />} title={texts.empty}>
            <p>{texts.emptyHint}</p>
          </EmptyState>
        ) : (
          <>
            <p className="shrink-0 text-ink-2">{texts.hint}</p>
            <JobTable
              jobs={rows}
              onOpen={setOpen}
              onEnd={() => jobs.hasNextPage && !jobs.isFetching && void jobs.fetchNextPage()}
            />
          </>
        )}
      </div>
      {open !== null && <JobDialog id={open} onClose={() => setOpen(null)} />}
    </Page>
  )
}
