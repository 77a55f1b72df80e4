import { Copy } from 'lucide-react'
import type { Backup } from '#contract/backup.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { backupTexts as texts } from '../texts/backups.ts'
import { exactTime } from '../texts/figures.ts'

/**
 * What restoring a backup will do, and the command that does it. It cannot be done from here: the database is swapped while
 * no core lives on the folder, and this page lives by one.
 */
export function RestoreDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const command = restoreCommand(backup)
  const copy = () =>
    void navigator.clipboard.writeText(command).then(
      () => toastDone(texts.copied),
      (fault: unknown) => toastFault(fault),
    )
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${texts.restoreTitle}: ${exactTime(backup.created_at)}`}
      footer={
        <>
          <Button onClick={onClose}>{texts.close}</Button>
          <Button variant="primary" icon={<Copy size={14} />} onClick={copy}>
            {texts.copy}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-ink-2">
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {texts.restoreWhat.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
        <p className="text-ink">{texts.restoreHow}</p>
        <code className="rounded border bg-sunk px-3 py-2 font-mono text-xs break-words select-text">{command}</code>
        <p>{texts.restoreAfter}</p>
      </div>
    </Dialog>
  )
}

/** The backup lies in `<data folder>/backups/<id>`; the folder is named, because a terminal may know another one. */
function restoreCommand({ id, folder }: Backup): string {
  const data = folder.slice(0, -`/backups/${id}`.length)
  return `baton restore ${id} --data ${/^[\w./:\\-]+$/.test(data) ? data : `"${data}"`}`
}
