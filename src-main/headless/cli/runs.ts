import type { ExitCode } from './exit-code.ts'
import { formatCost, profileLabel } from './format.ts'
import { say } from './output.ts'
import { printList } from './print-list.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'

const TITLE_WIDTH = 46
const REASON_WIDTH = 60

/** `baton runs`: free prompts, newest first. */
export function runs(flags: { json?: boolean; limit?: string }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const page = await api.runs.list({ limit: Number(flags.limit ?? 50) })
    const code = printList(page.items, {
      json: flags.json,
      empty: 'Nothing was asked yet. Ask with: baton ask "what you want to know or have"',
      columns: [
        { title: 'id' },
        { title: 'project' },
        { title: 'asked' },
        { title: 'state' },
        { title: 'model' },
        { title: 'cost', align: 'right' },
        { title: 'why' },
      ],
      row: (run, paint) => [
        run.id,
        run.project_id,
        clip(printable(run.title), TITLE_WIDTH),
        run.status,
        printable(profileLabel(run.profile ?? '')),
        formatCost(run.cost_micros, run.paid),
        paint.dim(clip(printable(run.reason), REASON_WIDTH)),
      ],
    })
    if (page.next_cursor !== null && !flags.json) say('There are more; raise --limit to see them.')
    return code
  })
}
