import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Job } from '#contract/job.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { useNow } from '../parts/figures.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { type Column, VirtualTable } from '../parts/virtual-table.tsx'
import { ago, exactTime } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { jobsTexts as texts } from '../texts/jobs.ts'
import { stateTexts } from '../texts/states.ts'

/** Jobs as rows, each with its state and why, and a button to cancel it while it is open. */
export function JobTable({
  jobs,
  onOpen,
  onEnd,
}: {
  jobs: readonly Job[]
  onOpen: (id: string) => void
  onEnd: () => void
}) {
  const now = useNow(true)
  const client = useClient()
  const queries = useQueryClient()
  const cancel = useMutation({
    mutationFn: (id: string) => client.jobs.cancel({ id }),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.jobs }),
  })
  const columns: readonly Column<Job>[] = [
    {
      name: 'job',
      label: texts.columns.job,
      width: 'minmax(160px, 2fr)',
      cell: (job) => (
        <button
          type="button"
          aria-label={texts.look(job.task_id)}
          title={job.prompt ?? undefined}
          onClick={() => onOpen(job.task_id)}
          className="flex w-full min-w-0 items-center gap-2 text-left font-medium"
        >
          <StateShape state={job.status} label={false} />
          <span className="figures shrink-0">{job.task_id}</span>
          <span className="truncate font-normal text-ink-2">{job.prompt}</span>
        </button>
      ),
    },
    {
      name: 'core',
      label: texts.columns.core,
      width: 'minmax(90px, 1fr)',
      cell: (job) => <span title={job.core_id}>{job.core_id}</span>,
    },
    {
      name: 'state',
      label: texts.columns.state,
      width: 'minmax(180px, 2fr)',
      cell: (job) => {
        const why = whyOf(job)
        return (
          <span title={why}>
            {stateTexts[job.status]}
            {why !== '' && <span className="text-ink-3"> · {why}</span>}
          </span>
        )
      },
    },
    {
      name: 'worker',
      label: texts.columns.worker,
      width: 'minmax(100px, 1fr)',
      cell: (job) => <span title={job.worker ?? undefined}>{job.worker}</span>,
    },
    {
      name: 'since',
      label: texts.columns.since,
      width: '120px',
      numeric: true,
      cell: (job) => {
        const since = sinceOf(job)
        return (
          <time dateTime={since} title={exactTime(since)} className="text-ink-2">
            {ago(since, now)}
          </time>
        )
      },
    },
    {
      name: 'do',
      label: texts.columns.do,
      width: '90px',
      numeric: true,
      cell: (job) =>
        isOpen(job) && (
          <Button
            small
            variant="quiet"
            aria-label={texts.cancelOf(job.task_id)}
            busy={cancel.isPending && cancel.variables === job.task_id}
            onClick={() => cancel.mutate(job.task_id)}
          >
            {texts.cancel}
          </Button>
        ),
    },
  ]
  return (
    <>
      {cancel.error !== null && <FaultNote error={cancel.error} />}
      <VirtualTable
        label={frameTexts.pages.jobs}
        rows={jobs}
        columns={columns}
        rowKey={(job) => job.task_id}
        onEnd={onEnd}
      />
    </>
  )
}

function isOpen({ status }: Job): boolean {
  return status === 'queued' || status === 'running'
}

function whyOf(job: Job): string {
  if (job.status !== 'running') return job.reason
  if (job.message !== '') return job.message
  return job.attempts > 1 ? texts.attempt(job.attempts, job.max_attempts) : ''
}

/** Since when it is in its state. */
function sinceOf(job: Job): string {
  if (job.status === 'queued') return job.created_at
  return (job.status === 'running' ? job.started_at : job.ended_at) ?? job.created_at
}
