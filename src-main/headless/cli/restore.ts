import { existsSync } from 'node:fs'
import { toTimestamp } from '#contract/time.ts'
import { createFailpoint, type RestoreFailpoint } from '#core/failpoint.ts'
import { type RestoreReport, restoreBackup } from '#core/store/restore.ts'
import { readCoreInfo, takeCoreLock } from '#http/core-lock.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson } from './output.ts'
import { dataFolder, readEnvironment } from './session.ts'

/** `baton restore BACKUP`: puts a backup in the place of the database (D3), while no core lives on the folder. */
export async function restore(id: string, flags: { json?: boolean; data?: string }): Promise<ExitCode> {
  const environment = readEnvironment()
  const folder = dataFolder(environment, flags.data)
  if (!existsSync(folder)) throw new CommandFault(`The data folder ${folder} does not exist.`, EXIT.failed)
  const lock = await takeCoreLock(folder)
  if (!lock.ok) {
    if (lock.error !== 'taken') throw new CommandFault(lock.error.message, EXIT.failed)
    const pid = readCoreInfo(folder)?.pid
    throw new CommandFault(
      `Baton${pid === undefined ? '' : ` (process ${pid})`} works on ${folder}, so nothing was restored. End it and try again.`,
      EXIT.failed,
    )
  }
  try {
    const failpoint: RestoreFailpoint = createFailpoint(environment.BATON_FAILPOINTS ?? [])
    const restored = await restoreBackup(folder, id, failpoint)
    if (!restored.ok) throw new CommandFault(restored.error.message, EXIT.failed)
    if (flags.json) printJson(restored.value)
    else for (const line of tell(restored.value)) print(line)
    return EXIT.done
  } finally {
    lock.value.release()
  }
}

function tell(report: RestoreReport): string[] {
  const lines = [
    `Restored ${report.backup_id}: the database is again as it was at ${toTimestamp(report.created_at)}.`,
    `The replaced database is kept in ${report.replaced}.`,
    'Files in workspaces were left as they are, and what was spent since the backup is no longer counted.',
  ]
  if (report.open_reservations > 0) {
    const calls = report.open_reservations === 1 ? 'One paid call was' : `${report.open_reservations} paid calls were`
    lines.push(`${calls} open in the backup; the next start books the full reservation, flagged as unconfirmed.`)
  }
  if (report.texts_restored > 0) lines.push(`${report.texts_restored} missing or damaged texts were put back.`)
  if (!report.ids_go_on) {
    lines.push(
      'The replaced database could not be read, so new projects and tasks may get ids that were in use before.',
    )
  }
  return lines
}
