import { FileText, Paperclip, X } from 'lucide-react'
import { useRef } from 'react'
import type { NewAttachment } from '#contract/project.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { bytes } from '../texts/figures.ts'
import { newProjectTexts } from '../texts/projects.ts'
import { sizeOf } from './read-attachment.ts'

/** The attached files, a button to choose more, and why some were refused. Dropping is the page's part. */
export function AttachmentsField({
  files,
  refusals,
  onFiles,
  onRemove,
}: {
  files: readonly NewAttachment[]
  refusals: readonly string[]
  onFiles: (files: readonly File[]) => void
  onRemove: (name: string) => void
}) {
  const picker = useRef<HTMLInputElement>(null)
  return (
    <section aria-label={newProjectTexts.files} className="flex flex-col gap-2">
      <div className="flex items-center gap-3">
        <Button small icon={<Paperclip size={12} />} onClick={() => picker.current?.click()}>
          {newProjectTexts.choose}
        </Button>
        <p className="text-xs text-ink-3">{newProjectTexts.filesHint}</p>
        <input
          ref={picker}
          type="file"
          multiple
          className="hidden"
          aria-label={newProjectTexts.choose}
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])])
            // The same file may be chosen again after it was removed.
            event.target.value = ''
          }}
        />
      </div>
      {files.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {files.map((file) => (
            <li
              key={file.name}
              className="flex h-7 max-w-72 items-center gap-1.5 rounded border bg-surface pr-0.5 pl-2"
            >
              <FileText size={14} className="shrink-0 text-ink-3" aria-hidden />
              <span className="truncate">{file.name}</span>
              <span className="figures shrink-0 text-xs text-ink-3">{bytes(sizeOf(file))}</span>
              <IconButton
                label={newProjectTexts.remove(file.name)}
                icon={<X size={14} />}
                className="size-6"
                onClick={() => onRemove(file.name)}
              />
            </li>
          ))}
        </ul>
      )}
      {refusals.length > 0 && (
        <ul role="alert" className="text-xs text-bad">
          {refusals.map((refusal) => (
            <li key={refusal}>{refusal}</li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Covers the page while files are dragged over it. */
export function DropTarget({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  return (
    <div
      aria-hidden
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        onFiles([...event.dataTransfer.files])
      }}
      className="absolute inset-2 z-20 flex animate-appear items-center justify-center rounded border-2 border-dashed border-accent bg-raised/95 text-lg font-medium"
    >
      {newProjectTexts.dropHere}
    </div>
  )
}
