import type { Tier } from '#contract/states.ts'
import type { ModelMessage } from '../model/provider.ts'
import type { NextRung } from '../model/router.ts'
import type { TaskRow } from '../store/schema.ts'
import type { Ending } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'
import { shorten } from './token-estimate.ts'

/**
 * How a run of a task ends whose result was not accepted: the next tier takes over where policy allows it and a model is
 * there (G4), otherwise the task has failed. Costs nothing and changes nothing, so that it can be decided again after a
 * crash; the decision is written down with the run's end. Money is not asked for here: the ledger makes the next run wait
 * where it is missing, and that asks the user.
 */
export function nextTier(frame: RunFrame, task: TaskRow, failure: string, talk: readonly ModelMessage[]): Ending {
  const { run, profile } = frame
  const from = run.tier ?? 'strong'
  const last = lastTrouble(talk)
  const service = last === null ? undefined : frame.services.tools.get(last.tool)?.service
  // Another model meets the same server.
  const found: NextRung =
    service === undefined
      ? rungFor(frame, task, from)
      : { ok: false, reason: `No other model can mend what ${service} did not do.` }
  const refused = service === undefined
  const what = `${failure}${last === null ? '' : ` Its last tool call, ${last.tool}, failed: ${last.text}`}`
  if (!found.ok) {
    const reason = `${what} It does not go to a higher tier: ${found.reason} Change the task, or retry it with another model.`
    return { ok: false, outcome: { kind: 'failed', reason, refused } }
  }
  const { tier } = found
  const reason = `${profile.display_name} (${from}) did not get it done, so it goes on at the ${tier} tier.`
  return { ok: false, outcome: { kind: 'failed', reason: `${what} ${reason}`, refused, next: { from, tier, reason } } }
}

function rungFor({ services, project, profile }: RunFrame, task: TaskRow, from: Tier): NextRung {
  const question = {
    type: task.type,
    complexity: task.complexity,
    tier: task.tier,
    profile: project.profile,
    local_only: project.local_only,
    verifiable: true,
  }
  return services.router.next(question, from, profile.name)
}

/** The last tool call of a conversation where that failed; what is missing is often missing by it. */
function lastTrouble(talk: readonly ModelMessage[]): { readonly tool: string; readonly text: string } | null {
  const last = talk.findLast((message) => message.role === 'tool')
  if (last?.role !== 'tool' || !last.is_error) return null
  return { tool: last.name, text: shorten(last.text, 200, '').text }
}
