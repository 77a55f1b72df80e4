import type { Project } from '#contract/project.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { formatCost } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint, type Paint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

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
    if (flags.json) {
      for (const project of page.items) printJson(project)
      return EXIT.done
    }
    if (page.items.length === 0) {
      say('There is no project yet. Begin one with: baton run "what you want"')
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const columns = [
      { title: 'id' },
      { title: 'name' },
      { title: 'state' },
      { title: 'tasks', align: 'right' as const },
      { title: 'spent', align: 'right' as const },
      { title: 'created (UTC)' },
    ]
    print(
      renderTable(
        columns,
        page.items.map((project) => row(project, paint)),
        paint,
      ),
    )
    if (page.next_cursor !== null) say('There are more; raise --limit to see them.')
    return EXIT.done
  })
}
