import type { Task } from '#contract/task.ts'
import { allTasks } from './all-tasks.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { formatCost, profileLabel, textColumns } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { clip, printable, textWidth, wrap } from './printable.ts'
import { withClient } from './session.ts'
import { stateMark } from './state-mark.ts'
import { renderTable } from './table.ts'

const TITLE_WIDTH = 46
const REASON_WIDTH = 60

/** `baton tasks [PROJECT]`: of the newest project where none is named. */
export function tasks(id: string | undefined, flags: { json?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const project = id ?? (await api.projects.list({ limit: 1 })).items[0]?.id
    if (project === undefined) throw new CommandFault('There is no project yet, so there are no tasks.', EXIT.failed)
    const items = await allTasks(api.projects, project)
    if (flags.json) {
      for (const task of items) printJson(task)
      return EXIT.done
    }
    if (items.length === 0) {
      say(`${project} has no tasks yet: they come with an approved plan.`)
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const rows = items.map((task) => [
      stateMark(task.state, paint),
      task.id,
      clip(printable(task.title), TITLE_WIDTH),
      task.state,
      printable(profileLabel(task.profile ?? '')),
      task.started_at === null ? '' : formatCost(task.cost_micros, task.paid),
      paint.dim(clip(printable(task.reason), REASON_WIDTH)),
    ])
    const columns = [
      { title: '' },
      { title: 'id' },
      { title: 'task' },
      { title: 'state' },
      { title: 'model' },
      { title: 'cost', align: 'right' as const },
      { title: 'why' },
    ]
    print(renderTable(columns, rows, paint))
    const told = longReasons(items).flatMap(({ ids, reason }) =>
      wrap(`${ids.join(', ')}: ${reason}`, textColumns(process.stdout) - 2),
    )
    if (told.length > 0) print(['', ...told.map((line) => `  ${line}`)].join('\n'))
    return EXIT.done
  })
}

/** What does not fit into the table, whole: what to do stands at the end of a reason. Tasks with the same one are told together. */
function longReasons(items: readonly Task[]): { ids: string[]; reason: string }[] {
  const byReason = new Map<string, string[]>()
  for (const { id, reason } of items) {
    const text = printable(reason)
    if (textWidth(text) > REASON_WIDTH) byReason.set(text, [...(byReason.get(text) ?? []), id])
  }
  return [...byReason].map(([reason, ids]) => ({ ids, reason }))
}
