import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import type { Project } from '#contract/project.ts'
import { useClient } from '../client/connection.tsx'
import { saveFile } from '../client/save-file.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { Progress } from '../parts/progress.tsx'
import { toastDone } from '../parts/toast.tsx'
import { exportTexts as texts } from '../texts/archive.ts'
import { fetchArchive } from './transfer.ts'

/** Says what an export holds, makes it, and hands it over as a file (D3). */
export function ExportButton({ project }: { project: Project }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="quiet" icon={<Download size={14} />} onClick={() => setOpen(true)}>
        {texts.button}
      </Button>
      {isOpen && <ExportDialog project={project} onClose={() => setOpen(false)} />}
    </>
  )
}

function ExportDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const client = useClient()
  const [progress, setProgress] = useState<number | null>(null)
  const [stop] = useState(() => new AbortController())
  const close = () => {
    stop.abort()
    onClose()
  }
  const fetching = useMutation({
    mutationFn: () => fetchArchive(client, project.id, setProgress, stop.signal),
    onSuccess({ name, content }) {
      if (stop.signal.aborted) return
      saveFile(content, name)
      toastDone(texts.done(name, content.size))
      onClose()
    },
  })
  const isAtWork = ['planning', 'executing', 'waiting'].includes(project.state)
  return (
    <Dialog
      open
      onClose={close}
      title={texts.title}
      footer={
        fetching.isPending ? (
          <Button onClick={close}>{texts.stop}</Button>
        ) : (
          <Button variant="primary" icon={<Download size={14} />} onClick={() => fetching.mutate()}>
            {texts.start}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-3 text-ink-2">
        <p>{texts.what}</p>
        <p>{texts.not}</p>
        {isAtWork && <p className="text-ink">{texts.running}</p>}
        {fetching.isPending && (
          <Progress value={progress} label={progress === null ? texts.making : texts.fetching}>
            {progress === null ? texts.making : undefined}
          </Progress>
        )}
        {fetching.error !== null && <FaultNote error={fetching.error} />}
      </div>
    </Dialog>
  )
}
