import type { TaskRow } from '../store/schema.ts'
import type { Ending } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'

/**
 * How a run of a task ends whose result was not accepted: the next tier takes over where policy allows it and a model is
 * there (G4), otherwise the task has failed. Costs nothing and changes nothing, so that it can be decided again after a
 * crash; the decision is written down with the run's end. Money is not asked for here: the ledger makes the next run wait
 * where it is missing, and that asks the user.
 */
export function nextTier({ services, run, project, profile }: RunFrame, task: TaskRow, failure: string): Ending {
  const from = run.tier ?? 'strong'
  const question = {
    type: task.type,
    complexity: task.complexity,
    tier: task.tier,
    profile: project.profile,
    local_only: project.local_only,
  }
  const found = services.router.next(question, from, profile.name)
  if (!found.ok) {
    const reason = `${failure} It does not go to a higher tier: ${found.reason} Change the task, or retry it with another model.`
    return { ok: false, outcome: { kind: 'failed', reason } }
  }
  const { tier } = found
  const reason = `${profile.display_name} (${from}) did not get it done, so it goes on at the ${tier} tier.`
  return { ok: false, outcome: { kind: 'failed', reason: `${failure} ${reason}`, next: { from, tier, reason } } }
}
