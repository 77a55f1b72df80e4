import type { Project } from '#contract/project.ts'
import type { ExitCode } from './exit-code.ts'
import { formatCost } from './format.ts'
import { say } from './output.ts'
import type { Paint } from './paint.ts'
import { printList } from './print-list.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'

const NAME_WIDTH = 50

function row(project: Project, paint: Paint): string[] {
  const total = Object.values(project.task_counts).reduce((sum, count) => sum + count, 0)
  const done = (project.task_counts.succeeded ?? 0) + (project.task_counts.skipped ?? 0)
  return [
    project.id,
    clip(printable(project.name), NAME_WIDTH),
    project.state.replace('_', ' '),
    total === 0 ? '' : `${done}/${total}`,
    formatCost(project.spent_micros, false),
    paint.dim(project.created_at.slice(0, 16).replace('T', ' ')),
  ]
}

/** `baton projects`: newest first. */
export function projects(flags: { json?: boolean; limit?: string }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const page = await api.projects.list({ limit: Number(flags.limit ?? 50) })
    const code = printList(page.items, {
      json: flags.json,
      empty: 'There is no project yet. Begin one with: baton run "what you want"',
      columns: [
        { title: 'id' },
        { title: 'name' },
        { title: 'state' },
        { title: 'tasks', align: 'right' },
        { title: 'spent', align: 'right' },
        { title: 'created (UTC)' },
      ],
      row,
    })
    if (page.next_cursor !== null && !flags.json) say('There are more; raise --limit to see them.')
    return code
  })
}
