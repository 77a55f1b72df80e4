import type { Run } from '#contract/run.ts'
import { TierChip } from '../../parts/chip.tsx'
import { Elapsed, Money, Tokens } from '../../parts/figures.tsx'
import { EmptyState } from '../../parts/notes.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { taskTexts } from '../texts.ts'

/** Every attempt at a task, newest first: where it ran and why there, what was found, what it took. */
export function TaskAttempts({ runs, onOpen }: { runs: readonly Run[]; onOpen: (runId: string) => void }) {
  if (runs.length === 0) return <EmptyState title={taskTexts.notRun}>{taskTexts.notRunWhy}</EmptyState>
  return (
    <ol className="flex flex-col gap-2">
      {runs.map((run) => (
        <li key={run.id}>
          <button
            type="button"
            onClick={() => onOpen(run.id)}
            className="flex w-full flex-col gap-1 rounded border px-3 py-2 text-left hover:bg-hover"
          >
            <span className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
              <StateShape state={run.state} />
              <span className="text-sm font-medium text-ink">{taskTexts.attempt(run.attempt)}</span>
              <TierChip tier={run.tier} profile={run.profile} paid={run.paid} />
              <Money micros={run.cost_micros} paid={run.paid} />
              <Tokens count={run.input_tokens + run.output_tokens} />
              <Elapsed from={run.started_at} to={run.state === 'running' ? null : (run.ended_at ?? run.started_at)} />
            </span>
            {run.route_reason !== '' && <span className="text-xs text-ink-3">{run.route_reason}</span>}
            {run.reason !== '' && <span className="break-words text-ink-2">{run.reason}</span>}
            {run.violations.map((violation) => (
              <span key={violation} className="break-words text-bad">
                {violation}
              </span>
            ))}
          </button>
        </li>
      ))}
    </ol>
  )
}
