import type { ReactNode } from 'react'
import type { Project } from '#contract/project.ts'
import type { ProjectResult } from '#contract/project-result.ts'
import { useArtifacts, useModels } from '../client/queries.ts'
import { LateMarkdown } from '../markdown/late-markdown.tsx'
import { Money } from '../parts/figures.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { hrefOf } from '../route.ts'
import { bytes, duration, money } from '../texts/figures.ts'
import { progressOf } from './project-progress.ts'
import { projectTexts } from './texts.ts'

/** How the project ended: what was made, what it took against what was estimated, and what was not done (E9). */
export function ResultPanel({
  project,
  result,
  onOpenFiles,
}: {
  project: Project
  result: ProjectResult
  onOpenFiles: (path: string) => void
}) {
  const artifacts = useArtifacts(project.id)
  const models = useModels()
  const texts = projectTexts.result
  const writer = models.data?.find(({ name }) => name === result.summary_by)?.display_name ?? result.summary_by
  // Nothing was estimated for a free prompt.
  const against = (estimate: string, isOver: boolean) =>
    project.kind === 'prompt' ? {} : { against: isOver ? texts.over(estimate) : texts.against(estimate) }
  // What reads the same is not over it.
  const [time, estimatedTime] = [duration(result.elapsed_ms), duration(result.estimated_high_ms)]
  const plain = <p className="text-md leading-6 break-words whitespace-pre-line select-text">{result.summary}</p>
  return (
    <div className="size-full overflow-auto px-6 py-6">
      <div className="grid max-w-5xl grid-cols-[minmax(0,1fr)_18rem] gap-10">
        <div className="flex min-w-0 flex-col gap-8">
          <section aria-label={projectTexts.views.result}>
            {writer === null ? (
              plain
            ) : (
              <div className="text-md">
                <LateMarkdown
                  {...{ projectId: project.id, path: '', text: result.summary, onOpen: onOpenFiles }}
                  keepsLines
                  meanwhile={plain}
                />
              </div>
            )}
            <p className="mt-2 text-xs text-ink-3">{writer === null ? texts.byBaton : texts.by(writer)}</p>
          </section>
          <section aria-label={texts.notDone}>
            <h2 className="mb-2 text-md font-semibold">{texts.notDone}</h2>
            {result.not_done.length === 0 && <p className="text-ink-2">{texts.allDone}</p>}
            <ul className="flex flex-col">
              {result.not_done.map((task) => (
                <li key={task.task_id} className="flex items-baseline gap-2 border-b py-1.5">
                  <StateShape state={task.state} />
                  <a
                    href={hrefOf({ page: 'project', projectId: project.id, taskId: task.task_id })}
                    className="shrink-0 text-accent hover:underline"
                  >
                    {task.title}
                  </a>
                  <span className="min-w-0 truncate text-ink-3" title={task.reason}>
                    {task.reason}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </div>
        <aside className="flex flex-col gap-5">
          <Fact
            label={texts.cost}
            value={<Money micros={result.cost_micros} paid={result.cost_micros > 0} />}
            {...against(
              result.estimated_high_micros === 0 ? texts.free : money(result.estimated_high_micros),
              result.cost_micros > result.estimated_high_micros,
            )}
          />
          <Fact
            label={texts.time}
            value={time}
            {...against(estimatedTime, result.elapsed_ms > result.estimated_high_ms && time !== estimatedTime)}
          />
          <Fact label={texts.tasks} value={projectTexts.progress(progressOf(project))} />
          <section aria-label={texts.files}>
            <h2 className="mb-1 text-xs font-medium text-ink-3">{texts.files}</h2>
            <ul className="flex flex-col">
              {artifacts.data?.map((file) => (
                <li key={file.path}>
                  <button
                    type="button"
                    onClick={() => onOpenFiles(file.path)}
                    className="flex w-full min-h-6 items-baseline gap-2 rounded py-0.5 text-left text-accent hover:underline"
                  >
                    <span className="min-w-0 flex-1 truncate font-mono text-xs">{file.path}</span>
                    <span className="figures text-xs text-ink-3">{bytes(file.bytes)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        </aside>
      </div>
    </div>
  )
}

function Fact({ label, value, against }: { label: string; value: ReactNode; against?: string }) {
  return (
    <div>
      <h2 className="text-xs font-medium text-ink-3">{label}</h2>
      <p className="figures text-xl font-semibold">{value}</p>
      {against !== undefined && <p className="text-xs text-ink-3">{against}</p>}
    </div>
  )
}
