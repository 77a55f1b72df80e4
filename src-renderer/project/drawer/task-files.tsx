import type { Project } from '#contract/project.ts'
import type { Task } from '#contract/task.ts'
import { useArtifacts } from '../../client/queries.ts'
import { EmptyState, FaultNote, SkeletonRows } from '../../parts/notes.tsx'
import { FileView } from '../file-view.tsx'
import { FileList } from '../project-files.tsx'
import { projectTexts } from '../texts.ts'
import { useShownFile } from '../use-shown-file.ts'
import { TaskDiffView } from './task-diff.tsx'

/** The files one task left behind, and those it promised and has not written yet. */
export function TaskFiles({ project, task }: { project: Project; task: Task }) {
  const artifacts = useArtifacts(project.id)
  const { path, isLinked, choose, follow } = useShownFile(null)
  const texts = projectTexts.files
  if (artifacts.error !== null) return <FaultNote error={artifacts.error} retry={() => void artifacts.refetch()} />
  if (artifacts.data === undefined) return <SkeletonRows />
  const files = artifacts.data.filter((file) => file.task_id === task.id)
  const missing = task.artifacts.filter((promised) => !artifacts.data.some((file) => file.path === promised))
  if (files.length === 0 && missing.length === 0) {
    return (
      <>
        <TaskDiffView task={task} />
        <EmptyState title={texts.none}>{texts.noneWhy}</EmptyState>
      </>
    )
  }
  const shown = path ?? files[0]?.path ?? null
  return (
    <div className="flex flex-col gap-3">
      <FileList files={files} selected={shown} onSelect={choose} />
      {missing.length > 0 && (
        <section aria-label={texts.promised}>
          <h3 className="text-xs text-ink-3">{texts.promised}</h3>
          <ul className="font-mono text-xs text-ink-3">
            {missing.map((promised) => (
              <li key={promised}>{promised}</li>
            ))}
          </ul>
        </section>
      )}
      <TaskDiffView task={task} />
      {shown !== null && (
        <div className="flex max-h-[60vh] min-h-40 flex-col rounded border">
          <FileView
            key={shown}
            projectId={project.id}
            path={shown}
            workspace={project.workspace}
            takesFocus={isLinked}
            onOpen={follow}
          />
        </div>
      )}
    </div>
  )
}
