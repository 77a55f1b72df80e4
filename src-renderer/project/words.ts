import { formatUsd, MICROS_PER_USD } from '#contract/money.ts'
import type { PlanEstimate } from '#contract/plan.ts'
import type { Phase } from '#contract/states.ts'
import { duration } from '../texts/figures.ts'

/** What a run is doing while in a phase. */
export const PHASE_WORDS: Record<Phase, string> = {
  intent: 'reading the task',
  planner: 'planning',
  selector: 'choosing model and tools',
  tool_exec: 'working with tools',
  verifier: 'checking the result',
  repair: 'repairing',
  synth: 'putting the result together',
  responder: 'finishing',
}

/** `$0.40`, or `0 $ local` for work that this machine does. */
export function costWords(micros: number, paid: boolean): string {
  return micros === 0 && !paid ? '0 $ local' : formatUsd(micros)
}

/** The share of tasks that an estimate expects to run on this machine, 0–100. */
export function localShare(estimate: PlanEstimate): number {
  if (estimate.tasks.length === 0) return 100
  return Math.round((100 * estimate.tasks.filter((task) => !task.paid).length) / estimate.tasks.length)
}

/** `$0.40–1.10, 25–50 min, 70 % local, based on 38 like tasks`. */
export function estimateWords(estimate: PlanEstimate): string {
  const basis =
    estimate.samples === 0
      ? 'a first guess: no history on this machine yet'
      : `based on ${estimate.samples} like ${estimate.samples === 1 ? 'task' : 'tasks'}`
  return [estimatedCost(estimate), timeRange(estimate), `${localShare(estimate)} % local`, basis].join(', ')
}

function estimatedCost(estimate: PlanEstimate): string {
  if (estimate.high_micros === 0) return estimate.tasks.some((task) => task.paid) ? '$0' : '0 $'
  return costRange(estimate.low_micros, estimate.high_micros)
}

/** `$0.06–0.26`: both ends as fine as the upper one needs. */
export function costRange(low: number, high: number): string {
  const upper = formatUsd(high)
  const digits = upper.split('.')[1]?.length ?? 0
  const lower = (low / MICROS_PER_USD).toFixed(digits)
  return `$${lower}` === upper ? upper : `$${lower}–${upper.slice(1)}`
}

function timeRange(estimate: PlanEstimate): string {
  const [low, high] = [duration(estimate.low_ms), duration(estimate.high_ms)]
  if (low === high) return high
  const [lowFigure, lowUnit, ...lowRest] = low.split(' ')
  // "25–50 min" reads better than "25 min–50 min", where both sides have the same single unit.
  return lowRest.length === 0 && high.endsWith(` ${lowUnit}`) && high.split(' ').length === 2
    ? `${lowFigure}–${high}`
    : `${low}–${high}`
}
