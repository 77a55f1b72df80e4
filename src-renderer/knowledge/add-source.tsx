import { FilePlus2, FolderPlus } from 'lucide-react'
import { useRef, useState } from 'react'
import { useProjects } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field, Select, Switch, TextField } from '../parts/field.tsx'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'
import { useKnowledgeChanges } from './use-knowledge-changes.ts'

/** Adds files by their path, or by dropping or choosing them. */
export function AddSource({ open, onClose }: { open: boolean; onClose: () => void }) {
  const projects = useProjects()
  const { add, upload } = useKnowledgeChanges()
  const [path, setPath] = useState('')
  const [watched, setWatched] = useState(false)
  const [projectId, setProjectId] = useState('')
  const [isOver, setOver] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const project_id = projectId === '' ? null : projectId
  const take = (files: FileList | null) => {
    if (files === null || files.length === 0) return
    upload.mutate({ files: [...files], project_id }, { onSuccess: onClose })
  }
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={texts.addTitle}
      footer={
        <Button
          variant="primary"
          icon={<FolderPlus size={14} />}
          busy={add.isPending}
          disabled={path.trim() === ''}
          onClick={() =>
            add.mutate(
              { path: path.trim(), watched, project_id },
              {
                onSuccess: () => {
                  setPath('')
                  onClose()
                },
              },
            )
          }
        >
          {texts.add}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <p className="text-ink-2">{texts.addHint}</p>
        <TextField
          label={texts.path}
          hint={texts.pathHint}
          value={path}
          spellCheck={false}
          onChange={(event) => setPath(event.target.value)}
        />
        <Switch checked={watched} onChange={setWatched} label={texts.watch} hint={texts.watchHint} />
        <Field label={texts.whose}>
          {(ids) => (
            <Select
              {...ids}
              value={projectId}
              onChange={setProjectId}
              options={[
                { value: '', label: texts.everybody },
                ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          )}
        </Field>
        <section
          aria-label={texts.drop}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault()
            setOver(false)
            take(event.dataTransfer.files)
          }}
          className={classNames(
            'flex flex-col items-center gap-2 rounded border border-dashed border-line-strong p-4 text-center transition-colors',
            isOver && 'border-accent bg-accent-soft',
          )}
        >
          <p>{texts.drop}</p>
          <Button icon={<FilePlus2 size={14} />} busy={upload.isPending} onClick={() => chooser.current?.click()}>
            {texts.choose}
          </Button>
          <input
            ref={chooser}
            type="file"
            multiple
            aria-label={texts.choose}
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              take(event.target.files)
              event.target.value = ''
            }}
          />
          <p className="text-xs text-ink-3">{texts.dropHint}</p>
        </section>
      </div>
    </Dialog>
  )
}
