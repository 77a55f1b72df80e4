import { FileText } from 'lucide-react'
import type { Artifact, Project } from '#contract/project.ts'
import { useArtifacts, useCheckpointFault } from '../client/queries.ts'
import { classNames } from '../parts/class-names.ts'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { bytes } from '../texts/figures.ts'
import { FileView } from './file-view.tsx'
import { firstToRead } from './first-to-read.ts'
import { projectTexts } from './texts.ts'
import { useShownFile } from './use-shown-file.ts'

/** All files that the project's tasks left behind, and one of them to read. */
export function ProjectFiles({ project, first }: { project: Project; first: string | null }) {
  const artifacts = useArtifacts(project.id)
  const checkpointFault = useCheckpointFault(project.id).data ?? null
  const { path, isLinked, choose, follow } = useShownFile(first)
  const texts = projectTexts.files
  if (artifacts.error !== null) {
    return (
      <div className="p-6">
        <FaultNote error={artifacts.error} retry={() => void artifacts.refetch()} />
      </div>
    )
  }
  if (artifacts.data === undefined) return <SkeletonRows rows={6} />
  if (artifacts.data.length === 0) {
    return (
      <EmptyState icon={<FileText size={28} />} title={texts.none}>
        {texts.noneWhy}
      </EmptyState>
    )
  }
  const shown = path ?? firstToRead(artifacts.data.map((file) => file.path))
  // It stays what one reads, whatever is written meanwhile.
  if (path === null && shown !== null) choose(shown)
  return (
    <div className="flex size-full">
      <div className="w-72 shrink-0 overflow-auto border-r p-2">
        {checkpointFault !== null && <p className="mb-2 px-2 text-xs text-ink-2">{checkpointFault}</p>}
        <FileList files={artifacts.data} selected={shown} onSelect={choose} />
      </div>
      {shown !== null && (
        <FileView
          key={shown}
          projectId={project.id}
          path={shown}
          workspace={project.workspace}
          takesFocus={isLinked}
          onOpen={follow}
        />
      )}
    </div>
  )
}

/** Files as a list of buttons. */
export function FileList({
  files,
  selected,
  onSelect,
}: {
  files: readonly Artifact[]
  selected: string | null
  onSelect: (path: string) => void
}) {
  return (
    <ul aria-label={projectTexts.files.all}>
      {files.map((file) => (
        <li key={file.path}>
          <button
            type="button"
            aria-current={file.path === selected}
            onClick={() => onSelect(file.path)}
            className={classNames(
              'flex w-full flex-col rounded px-2 py-1 text-left hover:bg-hover',
              file.path === selected && 'bg-accent-soft',
            )}
          >
            <span className="flex items-baseline gap-2">
              <span title={file.path} className="min-w-0 flex-1 truncate font-mono text-xs">
                {file.path}
              </span>
              <span className="figures text-xs text-ink-3">{bytes(file.bytes)}</span>
            </span>
            {file.task_title !== null && (
              <span className="truncate text-xs text-ink-3">{projectTexts.files.from(file.task_title)}</span>
            )}
          </button>
        </li>
      ))}
    </ul>
  )
}
