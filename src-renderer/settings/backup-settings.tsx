import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Archive, DatabaseBackup } from 'lucide-react'
import { useState } from 'react'
import type { Backup } from '#contract/backup.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useBackups, useSettings } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { EmptyState, ErrorNote, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Progress } from '../parts/progress.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { toastDone } from '../parts/toast.tsx'
import { backupTexts as texts } from '../texts/backups.ts'
import { bytes, exactTime } from '../texts/figures.ts'
import { RestoreDialog } from './restore-dialog.tsx'

/** The copies that Baton keeps of its data: make one, check one, see how one is restored (D3). */
export function BackupSettings() {
  const client = useClient()
  const queries = useQueryClient()
  const backups = useBackups()
  const settings = useSettings()
  const [restored, setRestored] = useState<Backup | null>(null)
  const making = useMutation({
    mutationFn: () => client.backups.create(),
    onSuccess: () => toastDone(texts.made),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.backups }),
  })
  const hint = settings.data && texts.hint(settings.data.backups_daily, settings.data.backups_kept)
  return (
    <Section title={texts.title} hint={hint}>
      <div className="flex items-center gap-4">
        <Button
          variant="primary"
          icon={<DatabaseBackup size={14} />}
          busy={making.isPending}
          onClick={() => making.mutate()}
        >
          {texts.make}
        </Button>
        {making.isPending && (
          <div className="w-64">
            <Progress value={null} label={texts.making}>
              {texts.making}
            </Progress>
          </div>
        )}
      </div>
      {making.error !== null && <FaultNote error={making.error} retry={() => making.mutate()} />}
      {backups.error !== null ? (
        <FaultNote error={backups.error} retry={() => void backups.refetch()} />
      ) : backups.data === undefined ? (
        <SkeletonRows />
      ) : backups.data.length === 0 ? (
        <EmptyState icon={<Archive size={28} strokeWidth={1.5} />} title={texts.empty}>
          {texts.emptyWhy}
        </EmptyState>
      ) : (
        <Table aria-label={texts.title}>
          <thead>
            <tr>
              <Th>{texts.columns.time}</Th>
              <Th numeric>{texts.columns.size}</Th>
              <Th className="w-full pl-6">{texts.columns.state}</Th>
              <Th />
            </tr>
          </thead>
          <tbody>
            {backups.data.map((backup) => (
              <BackupRow key={backup.id} backup={backup} onRestore={() => setRestored(backup)} />
            ))}
          </tbody>
        </Table>
      )}
      {restored !== null && <RestoreDialog backup={restored} onClose={() => setRestored(null)} />}
    </Section>
  )
}

function BackupRow({ backup, onRestore }: { backup: Backup; onRestore: () => void }) {
  const client = useClient()
  const checking = useMutation({
    mutationFn: async () => ({ ...(await client.backups.verify({ id: backup.id })), at: new Date().toISOString() }),
  })
  const problems = checking.data?.problems ?? []
  const made = exactTime(backup.created_at)
  return (
    <>
      <tr>
        <Td className="figures whitespace-nowrap">
          <time dateTime={backup.created_at} title={backup.folder}>
            {made}
          </time>
        </Td>
        <Td numeric className="whitespace-nowrap">
          {bytes(backup.bytes)}
        </Td>
        <Td className="pl-6">
          {checking.isPending ? (
            <Progress value={null} label={texts.verifying} />
          ) : problems.length > 0 ? (
            <span className="text-bad">{texts.damaged(problems.length)}</span>
          ) : backup.findings.length > 0 ? (
            <span title={texts.findingsWhy} className="text-needs">
              {texts.findings(backup.findings.length)}
            </span>
          ) : (
            <span className="text-good">
              {texts.whole(checking.data === undefined ? texts.atItsMaking : exactTime(checking.data.at))}
            </span>
          )}
        </Td>
        <Td>
          <div className="flex justify-end gap-2">
            <Button
              small
              aria-label={`${texts.verify} ${made}`}
              busy={checking.isPending}
              onClick={() => checking.mutate()}
            >
              {texts.verify}
            </Button>
            <Button small aria-label={`${texts.restore} ${made}`} disabled={problems.length > 0} onClick={onRestore}>
              {texts.restore}
            </Button>
          </div>
        </Td>
      </tr>
      {(problems.length > 0 || checking.error !== null) && (
        <tr>
          <Td colSpan={4} className="py-2">
            {checking.error === null ? (
              <ErrorNote what={texts.damagedTitle} why={`${problems.join('\n')}\n${texts.damagedDo}`} />
            ) : (
              <FaultNote error={checking.error} retry={() => checking.mutate()} />
            )}
          </Td>
        </tr>
      )}
    </>
  )
}
