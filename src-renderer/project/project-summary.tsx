import type { Project } from '#contract/project.ts'
import { usePlan } from '../client/queries.ts'
import { Chip } from '../parts/chip.tsx'
import { Elapsed, Money } from '../parts/figures.tsx'
import { Bar } from '../parts/progress.tsx'
import { money } from '../texts/figures.ts'
import { progressOf } from './project-progress.ts'
import { projectTexts } from './texts.ts'

/** Progress, and cost against estimate and limit, in one row. */
export function ProjectSummary({ project }: { project: Project }) {
  // A free prompt has a budget and no estimate.
  const plan = usePlan(project.kind === 'prompt' ? null : project.plan_id)
  const progress = progressOf(project)
  const { total } = progress
  if (total === 0) return null
  const estimate = plan.data?.estimate.upper_micros
  // A plan that may cost nothing was approved: "limit $0" would read like a stop.
  const isFree = project.spent_micros === 0 && project.limit_micros === 0 && project.budget_micros === null
  return (
    <div className="flex min-w-64 flex-1 items-center gap-3 text-xs text-ink-2">
      <Bar
        label={projectTexts.progress(progress)}
        className="w-28 shrink-0"
        parts={[
          { name: 'done', fraction: progress.done / total, className: 'bg-good' },
          { name: 'skipped', fraction: progress.skipped / total, className: 'bg-line-strong' },
          { name: 'running', fraction: progress.running / total, className: 'bg-accent' },
          { name: 'failed', fraction: progress.failed / total, className: 'bg-bad' },
        ]}
      />
      <span className="figures shrink-0">{projectTexts.progress(progress)}</span>
      <span title={projectTexts.estimateTitle} className="figures min-w-0 truncate">
        {isFree ? (
          <Money micros={0} paid={false} className="font-medium" />
        ) : (
          <span className="font-medium text-ink">{money(project.spent_micros)}</span>
        )}
        {project.reserved_micros > 0 && (
          <span className="text-paid"> + {projectTexts.reserved(project.reserved_micros)}</span>
        )}
        <span className="text-ink-3">
          {estimate !== undefined && estimate > 0 && ` ${projectTexts.estimate(estimate)}`}
          {project.limit_micros !== null && !isFree && `, ${projectTexts.limit(project.limit_micros)}`}
        </span>
      </span>
      {project.source_id !== null && (
        <span title={projectTexts.importedTitle(project.source_id)} className="figures shrink-0 text-ink-3">
          {projectTexts.imported(project.imported_micros)}
        </span>
      )}
      <Elapsed from={project.started_at} to={project.ended_at} className="shrink-0 text-ink-3" />
      {project.local_only && <Chip tone="local">{projectTexts.localOnly}</Chip>}
    </div>
  )
}
