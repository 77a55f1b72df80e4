import type { Backup } from '#contract/backup.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { formatBytes } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

export interface BackupFlags {
  readonly list?: boolean
  readonly verify?: string
  readonly json?: boolean
}

/** `baton backup`: makes one now, or shows or checks those that are there (D3). */
export function backup(flags: BackupFlags): Promise<ExitCode> {
  if (flags.list === true && flags.verify !== undefined) {
    throw new CommandFault('Give --list or --verify, not both.', EXIT.usage)
  }
  return withClient({}, async ({ api }) => {
    if (flags.list) {
      const { items } = await api.backups.list()
      if (flags.json) for (const item of items) printJson(item)
      else printList(items)
      return EXIT.done
    }
    if (flags.verify !== undefined) {
      const check = await api.backups.verify({ id: flags.verify })
      if (flags.json) printJson(check)
      else if (check.problems.length === 0) print(`${check.id} is whole.`)
      else for (const problem of check.problems) say(problem)
      return check.problems.length === 0 ? EXIT.done : EXIT.failed
    }
    const made = await api.backups.create()
    if (flags.json) printJson(made)
    else print(`${made.folder}  ${formatBytes(made.bytes)}, checked`)
    if (made.findings.length === 0) return EXIT.done
    for (const finding of made.findings) say(finding)
    say('The backup is a true copy, but the database does not agree with its own chains. Look at: baton doctor')
    return EXIT.failed
  })
}

function printList(items: readonly Backup[]): void {
  if (items.length === 0) {
    say('There is no backup yet. Make one: baton backup')
    return
  }
  const right = 'right' as const
  const columns = [
    { title: 'backup' },
    { title: 'size', align: right },
    { title: 'files', align: right },
    { title: '' },
  ]
  const rows = items.map((item) => [
    item.id,
    formatBytes(item.bytes),
    String(item.files),
    item.findings.length === 0 ? '' : `${item.findings.length} findings`,
  ])
  print(renderTable(columns, rows, createPaint(process.stdout)))
}
