import type { Run } from '#contract/run.ts'
import { TierChip } from '../../parts/chip.tsx'
import { Money } from '../../parts/figures.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { taskTexts } from '../texts.ts'

/** The tiers that a task has been through, oldest first: why it was sent to each, and how that ended. */
export function TaskPath({ runs }: { runs: readonly Run[] }) {
  const attempts = runs.filter(({ kind }) => kind === 'task').toSorted((one, two) => one.attempt - two.attempt)
  if (attempts.length === 0) return null
  return (
    <section aria-label={taskTexts.path}>
      <h3 className="mb-2 text-xs font-medium text-ink-3">{taskTexts.path}</h3>
      <ol className="flex flex-col">
        {attempts.map((run) => (
          <li key={run.id} className="relative flex gap-2 pb-3 last:pb-0 [&:last-child>.rail]:hidden">
            <span aria-hidden className="rail absolute top-5 bottom-0 left-2 w-px bg-line-strong" />
            <span className="flex h-5 w-4 shrink-0 items-center justify-center">
              <StateShape state={run.state} />
            </span>
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2 text-xs text-ink-3">
                <TierChip tier={run.tier} profile={run.profile} paid={run.paid} />
                <span>{verdictOf(run)}</span>
                <Money micros={run.cost_micros} paid={run.paid} />
              </p>
              {run.route_reason !== '' && <p className="mt-1 break-words text-ink-2 select-text">{run.route_reason}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** How an attempt ended, in a word or two; what was found is told in the story. */
function verdictOf({ state, repairs, violations }: Run): string {
  const after = repairs === 0 ? '' : `, ${repairs === 1 ? 'one repair' : `${repairs} repairs`}`
  switch (state) {
    case 'succeeded':
      return `${taskTexts.verdicts.verified}${after}`
    case 'failed':
      return `${violations.length === 0 ? taskTexts.verdicts.failed : taskTexts.verdicts.refused}${after}`
    case 'cancelled':
      return taskTexts.verdicts.cancelled
    case 'queued':
    case 'running':
    case 'waiting':
      return `${taskTexts.verdicts.open}${after}`
  }
}
