import { toTimestamp } from '#contract/time.ts'
import type { Denied } from '../budget/ledger.ts'
import { periodEnd } from '../budget/period.ts'
import { type Ending, suspendedRun } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'

/** How a run ends for which there is no money now. */
export function overBudget({ task_id }: RunFrame['run'], denied: Denied): Ending {
  if (denied.by === 'settled') {
    // A spent day or month ends by itself. What belongs to no task is resumed by people only.
    const at = task_id === null ? null : periodEnd(denied.scope)
    const otherwise = at === null ? '' : ` Otherwise it goes on by itself at ${toTimestamp(at)}.`
    return suspendedRun('budget', `${denied.message}${otherwise}`, at)
  }
  const { outcome } = suspendedRun('budget', denied.message)
  if (outcome.kind !== 'suspended') return { ok: false, outcome }
  return { ok: false, outcome: { ...outcome, denied_at: denied.generation } }
}
