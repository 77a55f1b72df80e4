import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Upload } from 'lucide-react'
import { useState } from 'react'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { Progress } from '../parts/progress.tsx'
import { toastDone } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { importTexts as texts } from '../texts/archive.ts'
import { sendArchive } from './transfer.ts'

/** Makes a project of an exported file and opens it (D3). */
export function ImportButton() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button icon={<Upload size={14} />} onClick={() => setOpen(true)}>
        {texts.button}
      </Button>
      {isOpen && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  )
}

function ImportDialog({ onClose }: { onClose: () => void }) {
  const client = useClient()
  const queries = useQueryClient()
  const [file, setFile] = useState<File | null>(null)
  const [progress, setProgress] = useState<number | null>(null)
  const [stop] = useState(() => new AbortController())
  const close = () => {
    stop.abort()
    onClose()
  }
  const sending = useMutation({
    mutationFn: (archive: File) => sendArchive(client, archive, setProgress, stop.signal),
    onSuccess(project) {
      void queries.invalidateQueries({ queryKey: keys.projects })
      toastDone(texts.done(project.name))
      if (stop.signal.aborted) return
      onClose()
      navigate({ page: 'project', projectId: project.id, taskId: null })
    },
  })
  return (
    <Dialog
      open
      onClose={close}
      title={texts.title}
      footer={
        <>
          {/* Once Baton checks it, there is nothing left to stop. */}
          {!(sending.isPending && progress === null) && (
            <Button onClick={close}>{sending.isPending ? texts.stop : texts.cancel}</Button>
          )}
          <Button
            variant="primary"
            busy={sending.isPending}
            disabled={file === null}
            title={file === null ? texts.choose : undefined}
            onClick={() => file !== null && sending.mutate(file)}
          >
            {texts.start}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-ink-2">
        <p>{texts.what}</p>
        <label className="flex flex-col gap-1">
          <span className="text-xs text-ink-3">{texts.choose}</span>
          <input
            type="file"
            accept=".gz,application/gzip"
            disabled={sending.isPending}
            onChange={(event) => {
              setFile(event.target.files?.[0] ?? null)
              sending.reset()
            }}
            className="rounded border border-line bg-surface p-1 text-ink file:mr-3 file:h-7 file:rounded file:border-0 file:bg-hover file:px-2 file:text-ink"
          />
        </label>
        {file !== null && <p className="figures break-all text-ink">{texts.chosen(file.name, file.size)}</p>}
        {sending.isPending && (
          <Progress value={progress} label={progress === null ? texts.checking : texts.sending}>
            {progress === null ? texts.checking : undefined}
          </Progress>
        )}
        {sending.error !== null && !stop.signal.aborted && <FaultNote error={sending.error} />}
      </div>
    </Dialog>
  )
}
