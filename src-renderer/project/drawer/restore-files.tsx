import { useQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useState } from 'react'
import type { RestorePreview } from '#contract/checkpoint.ts'
import type { Task } from '#contract/task.ts'
import { useClient } from '../../client/connection.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ErrorNote, FaultNote, SkeletonRows } from '../../parts/notes.tsx'
import { toastDone } from '../../parts/toast.tsx'
import { taskTexts } from '../texts.ts'
import { useProjectCall } from '../use-call.ts'

const texts = taskTexts.restore

/** Puts the workspace back to how it was after this task, once its effect was seen (E10). */
export function RestoreButton({ task, checkpoint }: { task: Task; checkpoint: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button small icon={<History size={13} />} title={texts.button} onClick={() => setOpen(true)}>
        {texts.short}
      </Button>
      {isOpen && <RestoreDialog task={task} checkpoint={checkpoint} onClose={() => setOpen(false)} />}
    </>
  )
}

function RestoreDialog({ task, checkpoint, onClose }: { task: Task; checkpoint: string; onClose: () => void }) {
  const client = useClient()
  const wanted = { id: task.project_id, checkpoint }
  const preview = useQuery({
    queryKey: ['restore-preview', task.project_id, checkpoint],
    queryFn: () => client.projects.previewRestore(wanted),
    // The files may change at any moment, also by hand.
    staleTime: 0,
    gcTime: 0,
  })
  const restore = useProjectCall(
    task.project_id,
    () => client.projects.restore(wanted),
    () => {
      toastDone(texts.done(task.title))
      onClose()
    },
  )
  const seen = preview.data
  const isPossible = seen !== undefined && seen.conflicts.length === 0 && seen.unfinished.length === 0
  const isNeeded = seen !== undefined && seen.files.length + seen.cancelled.length > 0
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.button}
      footer={
        <>
          <Button onClick={onClose}>{texts.keep}</Button>
          {isPossible && isNeeded && (
            <Button variant="danger" busy={restore.isBusy} onClick={() => restore.run(undefined)}>
              {texts.action}
            </Button>
          )}
        </>
      }
    >
      {preview.error !== null ? (
        <FaultNote error={preview.error} retry={() => void preview.refetch()} />
      ) : seen === undefined ? (
        <SkeletonRows rows={3} />
      ) : (
        <Preview seen={seen} isPossible={isPossible} isNeeded={isNeeded} />
      )}
    </Dialog>
  )
}

function Preview({ seen, isPossible, isNeeded }: { seen: RestorePreview; isPossible: boolean; isNeeded: boolean }) {
  return (
    <div className="flex flex-col gap-3 text-ink-2">
      {seen.unfinished.length > 0 && <ErrorNote what={texts.unfinished} why={seen.unfinished.join('\n')} />}
      {seen.conflicts.length > 0 && (
        <ErrorNote
          what={texts.conflicts}
          why={seen.conflicts.map(({ path, reason }) => `${path}: ${reason}`).join('\n')}
        />
      )}
      {isPossible && !isNeeded && <p>{texts.nothing}</p>}
      {isPossible && seen.files.length > 0 && (
        <section aria-label={texts.files}>
          <h3 className="mb-1 text-xs text-ink-3">{texts.files}</h3>
          <ul className="max-h-60 overflow-auto font-mono text-xs">
            {seen.files.map(({ path, change }) => (
              <li key={path} className="flex items-baseline gap-2">
                <span title={path} className="min-w-0 flex-1 truncate text-ink">
                  {path}
                </span>
                <span className={change === 'deleted' ? 'text-bad' : 'text-ink-3'}>{texts.changes[change]}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {isPossible && seen.cancelled.length > 0 && (
        <section aria-label={texts.cancelled}>
          <h3 className="mb-1 text-xs text-ink-3">{texts.cancelled}</h3>
          <ul>
            {seen.cancelled.map(({ task_id, title }) => (
              <li key={task_id} className="truncate text-ink">
                {title}
              </li>
            ))}
          </ul>
        </section>
      )}
      {isPossible && isNeeded && <p>{texts.safe}</p>}
    </div>
  )
}
