import type { ExitCode } from './exit-code.ts'
import { say } from './output.ts'
import { printList } from './print-list.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'

const NAME_WIDTH = 24
const REASON_WIDTH = 60

export interface JobsFlags {
  readonly json?: boolean
  readonly limit?: string
  readonly core?: string
  readonly cancel?: string
}

/** `baton jobs`: what other programs handed over, newest first; or cancels one. */
export function jobs({ json, limit, core, cancel }: JobsFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    if (cancel !== undefined) await api.jobs.cancel({ id: cancel })
    const page =
      cancel === undefined
        ? await api.jobs.list({ limit: Number(limit ?? 50), ...(core === undefined ? {} : { core_id: core }) })
        : { items: [await api.jobs.get({ id: cancel })], next_cursor: null }
    const code = printList(page.items, {
      json,
      empty: 'No job was dispatched yet. Programs hand one over with POST /dispatch.',
      columns: [
        { title: 'id' },
        { title: 'core' },
        { title: 'state' },
        { title: 'priority', align: 'right' },
        { title: 'worker' },
        { title: 'run' },
        { title: 'why' },
      ],
      row: (job, paint) => [
        job.task_id,
        clip(printable(job.core_id), NAME_WIDTH),
        job.status,
        String(job.priority),
        clip(printable(job.worker ?? ''), NAME_WIDTH),
        job.run_id ?? '',
        paint.dim(clip(printable(job.reason === '' ? job.message : job.reason), REASON_WIDTH)),
      ],
    })
    if (page.next_cursor !== null && !json) say('There are more; raise --limit to see them.')
    return code
  })
}
