import { EXIT, type ExitCode } from './exit-code.ts'
import { formatCost, profileLabel } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

const TITLE_WIDTH = 46
const REASON_WIDTH = 60

/** `baton runs`: free prompts, newest first. */
export function runs(flags: { json?: boolean; limit?: string }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const page = await api.runs.list({ limit: Number(flags.limit ?? 50) })
    if (flags.json) {
      for (const run of page.items) printJson(run)
      return EXIT.done
    }
    if (page.items.length === 0) {
      say('Nothing was asked yet. Ask with: baton ask "what you want to know or have"')
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const columns = [
      { title: 'id' },
      { title: 'project' },
      { title: 'asked' },
      { title: 'state' },
      { title: 'model' },
      { title: 'cost', align: 'right' as const },
      { title: 'why' },
    ]
    const rows = page.items.map((run) => [
      run.id,
      run.project_id,
      clip(printable(run.title), TITLE_WIDTH),
      run.status,
      printable(profileLabel(run.profile ?? '')),
      formatCost(run.cost_micros, run.paid),
      paint.dim(clip(printable(run.reason), REASON_WIDTH)),
    ])
    print(renderTable(columns, rows, paint))
    if (page.next_cursor !== null) say('There are more; raise --limit to see them.')
    return EXIT.done
  })
}
