import type { Project } from '#contract/project.ts'
import { Chip } from '../parts/chip.tsx'
import { Money, useNow } from '../parts/figures.tsx'
import { Bar } from '../parts/progress.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { type Column, VirtualTable } from '../parts/virtual-table.tsx'
import { progressOf } from '../project/project-progress.ts'
import { projectTexts } from '../project/texts.ts'
import { useShownState } from '../project/use-shown-state.ts'
import { hrefOf } from '../route.ts'
import { ago, exactTime, money, number } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { projectsTexts } from '../texts/projects.ts'
import { stateTexts } from '../texts/states.ts'

const texts = projectsTexts.columns

/** Projects as rows: state, name, progress, cost, age. */
export function ProjectTable({ projects }: { projects: readonly Project[] }) {
  const now = useNow(true)
  const stateOf = useShownState()
  const columns: readonly Column<Project>[] = [
    {
      name: 'name',
      label: texts.name,
      width: 'minmax(160px, 3fr)',
      cell: (project) => (
        <a
          href={hrefOf(
            project.state === 'awaiting_approval'
              ? { page: 'plan', projectId: project.id }
              : { page: 'project', projectId: project.id, taskId: null },
          )}
          className="flex min-w-0 items-center gap-2 font-medium after:absolute after:inset-0"
        >
          <StateShape state={stateOf(project)} label={false} />
          <span className="truncate">{project.name}</span>
          {project.local_only && <Chip tone="local">{frameTexts.localOnly.toLowerCase()}</Chip>}
          {project.can_wait && <Chip title={projectsTexts.canWaitTitle}>{projectsTexts.canWait}</Chip>}
        </a>
      ),
    },
    {
      name: 'state',
      label: texts.state,
      width: 'minmax(140px, 2fr)',
      cell: (project) => (
        <span title={project.reason}>
          <span className={project.state === 'awaiting_approval' ? 'font-medium text-needs' : ''}>
            {stateTexts[stateOf(project)]}
          </span>
          {project.reason !== '' && <span className="text-ink-3"> · {project.reason}</span>}
        </span>
      ),
    },
    { name: 'progress', label: texts.progress, width: '180px', cell: (project) => <ProjectBar project={project} /> },
    {
      name: 'cost',
      label: texts.cost,
      width: '190px',
      numeric: true,
      cell: (project) => (
        <>
          {/* Of a project that did nothing yet, nobody knows where it will be done. */}
          {project.spent_micros === 0 && (project.task_counts.succeeded ?? 0) > 0 ? (
            <Money micros={0} paid={false} />
          ) : (
            <Money micros={project.spent_micros} />
          )}
          {project.reserved_micros > 0 && <span className="text-paid"> +{money(project.reserved_micros)}</span>}
          {project.budget_micros !== null && <span className="text-ink-3"> / {money(project.budget_micros)}</span>}
        </>
      ),
    },
    {
      name: 'changed',
      label: texts.changed,
      width: '120px',
      numeric: true,
      cell: (project) => (
        <time dateTime={project.updated_at} title={exactTime(project.updated_at)} className="text-ink-2">
          {ago(project.updated_at, now)}
        </time>
      ),
    },
  ]
  return (
    <VirtualTable
      label={frameTexts.pages.projects}
      rows={projects}
      columns={columns}
      rowKey={(project) => project.id}
    />
  )
}

function ProjectBar({ project }: { project: Project }) {
  const progress = progressOf(project)
  const { total, done, skipped, running, failed } = progress
  if (total === 0) return <span className="text-ink-3">{projectsTexts.noTasks}</span>
  return (
    <span className="flex items-center gap-2">
      <Bar
        label={projectTexts.progress(progress)}
        className="flex-1"
        parts={[
          { name: 'done', fraction: done / total, className: 'bg-good' },
          { name: 'skipped', fraction: skipped / total, className: 'bg-line-strong' },
          { name: 'running', fraction: running / total, className: 'hatched text-accent' },
          { name: 'failed', fraction: failed / total, className: 'bg-bad' },
        ]}
      />
      <span className="figures w-16 text-right text-xs text-ink-2">
        {number(done)}/{number(total)}
      </span>
    </span>
  )
}
