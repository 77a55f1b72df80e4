import type { TaskRow } from '../store/schema.ts'
import { readyRowOf } from '../task/task-changes.ts'
import type { RunEnd } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'

/**
 * The end of a run with its verdict, which is counted for its class, tier and model in the same transaction (G4). Runs whose
 * work was neither accepted nor refused say nothing about their model, nor do tasks of which nothing says when they are
 * done, nor does the demo model.
 */
export function withVerdict({ services, run, profile, provider }: RunFrame, task: TaskRow, end: RunEnd): RunEnd {
  const { outcome } = end
  const { tier } = run
  const isJudged = outcome.kind === 'succeeded' || (outcome.kind === 'failed' && outcome.refused === true)
  if (!isJudged || tier === null || provider.id === 'demo' || readyRowOf(task).verifiable === 0) return end
  const { type, complexity } = task
  return {
    outcome,
    record(tx) {
      end.record?.(tx)
      services.outcomes.noteRun(
        tx,
        { type, complexity, tier, profile: profile.name },
        run.id,
        outcome.kind === 'succeeded',
      )
    },
  }
}
