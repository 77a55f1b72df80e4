import { ChevronRight, File, Folder, RefreshCw, Trash2, Upload } from 'lucide-react'
import { useState } from 'react'
import type { KnowledgeSource } from '#contract/knowledge.ts'
import { useKnowledgeFiles, useProjects, useReadingProgress } from '../client/queries.ts'
import { IconButton } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { classNames } from '../parts/class-names.ts'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { Switch } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Progress } from '../parts/progress.tsx'
import { bytes } from '../texts/figures.ts'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'
import { useKnowledgeChanges } from './use-knowledge-changes.ts'

const ICONS = { file: File, folder: Folder, upload: Upload } as const

/** What is searched in, with how far it is and what can be done with it (K1). */
export function SourceList({ sources }: { sources: readonly KnowledgeSource[] }) {
  return (
    <ul aria-label={texts.sources} className="divide-y rounded border bg-surface">
      {sources.map((source) => (
        <SourceRow key={source.id} source={source} />
      ))}
    </ul>
  )
}

function SourceRow({ source }: { source: KnowledgeSource }) {
  const { name, kind, path, state, reason, files, chunks, problems, watched } = source
  const { follow, refresh, remove } = useKnowledgeChanges()
  const [isOpen, setOpen] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const Icon = ICONS[kind]
  const isMoving = state === 'queued' || state === 'indexing'
  return (
    <li className="px-4 py-3">
      <div className="flex items-center gap-3">
        <IconButton
          label={texts.showFiles(name)}
          aria-expanded={isOpen}
          icon={<ChevronRight size={14} className={classNames('transition-transform', isOpen && 'rotate-90')} />}
          onClick={() => setOpen(!isOpen)}
        />
        <Icon size={16} aria-hidden className="shrink-0 text-ink-3" />
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-2">
            <span className="truncate font-medium">{name}</span>
            <Whose projectId={source.project_id} />
            {problems > 0 && <Chip tone="needs">{texts.problems(problems)}</Chip>}
          </div>
          {path !== null && <p className="truncate font-mono text-xs text-ink-3">{path}</p>}
          <p className={classNames('figures break-words', state === 'failed' ? 'text-bad' : 'text-ink-2')}>
            {isMoving
              ? texts.state[state]
              : state === 'failed'
                ? `${texts.state.failed}: ${reason}`
                : texts.files(files, chunks)}
            {state === 'ready' && reason !== '' && ` ${reason}`}
          </p>
        </div>
        {kind !== 'upload' && (
          <Switch
            checked={watched}
            disabled={follow.isPending}
            label={texts.watched}
            onChange={(next) => follow.mutate({ id: source.id, watched: next })}
          />
        )}
        <IconButton
          label={texts.refresh(name)}
          icon={<RefreshCw size={14} />}
          disabled={isMoving || refresh.isPending}
          onClick={() => refresh.mutate(source.id)}
        />
        <IconButton label={texts.remove(name)} icon={<Trash2 size={14} />} onClick={() => setAsking(true)} />
      </div>
      {isMoving && <Reading source={source} />}
      {isOpen && <Files sourceId={source.id} />}
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate(source.id, { onSettled: () => setAsking(false) })}
        title={texts.removeTitle}
        action={texts.removeAction}
        busy={remove.isPending}
      >
        {kind === 'upload' ? texts.removeUpload(name) : texts.removeWhat(name)}
      </ConfirmDialog>
    </li>
  )
}

function Whose({ projectId }: { projectId: string | null }) {
  const projects = useProjects()
  if (projectId === null) return null
  return <Chip>{projects.data?.find(({ id }) => id === projectId)?.name ?? projectId}</Chip>
}

function Reading({ source }: { source: KnowledgeSource }) {
  const now = useReadingProgress()[source.id] ?? source.progress
  return (
    <div className="mt-2 pl-10">
      <Progress
        value={now === null || now.total === 0 ? null : now.done / now.total}
        label={texts.reading(source.name)}
      >
        {now === null ? null : texts.progress(now.done, now.total)}
      </Progress>
    </div>
  )
}

function Files({ sourceId }: { sourceId: string }) {
  const files = useKnowledgeFiles(sourceId)
  if (files.error !== null) return <FaultNote error={files.error} retry={() => void files.refetch()} />
  if (files.data === undefined) return <SkeletonRows rows={2} />
  return (
    <ul className="mt-2 max-h-72 overflow-auto rounded border bg-sunk pl-2">
      {files.data.items.map((file) => (
        <li key={file.path} className="flex items-center gap-2 px-2 py-1 text-xs">
          {file.document_id === null ? (
            <span className="min-w-0 flex-1 truncate font-mono">
              {file.path} <span className="text-bad">{file.problem}</span>
            </span>
          ) : (
            <a
              href={`#/knowledge/${file.document_id}/0-0`}
              className="min-w-0 flex-1 truncate font-mono hover:underline"
            >
              {file.path}
            </a>
          )}
          <span className="figures shrink-0 text-ink-3">{bytes(file.bytes)}</span>
        </li>
      ))}
    </ul>
  )
}
