import type { ReactNode } from 'react'
import type { Job } from '#contract/job.ts'
import { useJob } from '../client/queries.ts'
import { Dialog } from '../parts/dialog.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { hrefOf } from '../route.ts'
import { jobsTexts as texts } from '../texts/jobs.ts'
import { stateTexts } from '../texts/states.ts'

/** One job: what was asked, how it stands, and what came of it. */
export function JobDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const job = useJob(id)
  return (
    <Dialog open wide onClose={onClose} title={id}>
      {job.error !== null ? (
        <FaultNote error={job.error} retry={() => void job.refetch()} />
      ) : job.data === undefined ? (
        <SkeletonRows />
      ) : (
        <About job={job.data} />
      )}
    </Dialog>
  )
}

function About({ job }: { job: Job }) {
  const hasEnded = job.ended_at !== null
  return (
    <div className="flex flex-col gap-4">
      <p className="flex items-center gap-2">
        <StateShape state={job.status} label={false} />
        <span>
          {stateTexts[job.status]} · {job.core_id}
          {job.reason !== '' && <span className="text-ink-2"> · {job.reason}</span>}
        </span>
        {job.project_id !== null && (
          <a
            className="ml-auto text-accent underline"
            href={hrefOf({ page: 'project', projectId: job.project_id, taskId: null })}
          >
            {texts.openWork}
          </a>
        )}
      </p>
      {job.prompt !== null && <Part title={texts.asked}>{job.prompt}</Part>}
      {Object.keys(job.metadata).length > 0 && (
        <Part title={texts.metadata}>{JSON.stringify(job.metadata, null, 2)}</Part>
      )}
      <Part title={texts.result}>
        {job.result === null ? (hasEnded ? texts.noResult : texts.notYet) : textOf(job.result)}
      </Part>
    </div>
  )
}

/** A text of somebody else, as it is (S10). */
function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-medium text-ink-3">{title}</h3>
      <pre className="max-h-64 overflow-auto rounded border bg-sunk p-2 text-sm break-words whitespace-pre-wrap select-text">
        {children}
      </pre>
    </section>
  )
}

function textOf(result: unknown): string {
  return typeof result === 'string' ? result : JSON.stringify(result, null, 2)
}
