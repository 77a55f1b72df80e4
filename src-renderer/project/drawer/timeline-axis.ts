import type { RunMoment } from '#contract/run-timeline.ts'

/** A phase of a run with what happened in it. */
export interface PhaseGroup {
  readonly phase: RunMoment
  readonly within: readonly RunMoment[]
}

/** The timeline as it is drawn: phases with what is in them, and what stands beside them. */
export function groupsOf(moments: readonly RunMoment[]): { groups: PhaseGroup[]; beside: RunMoment[] } {
  const of = Map.groupBy(moments, (moment) => moment.phase_id)
  const phases = moments.filter(({ kind }) => kind === 'phase')
  return {
    groups: phases.map((phase) => ({ phase, within: of.get(phase.id) ?? [] })),
    beside: (of.get(null) ?? []).filter(({ kind }) => kind !== 'phase'),
  }
}

/** Tokens and money of the calls in a phase. */
export function usedIn(within: readonly RunMoment[]): { tokens: number; cost_micros: number; paid: boolean } {
  const made = within.filter(({ reused }) => !reused)
  return {
    tokens: made.reduce((sum, { input_tokens, output_tokens }) => sum + input_tokens + output_tokens, 0),
    cost_micros: made.reduce((sum, { cost_micros }) => sum + cost_micros, 0),
    paid: made.some(({ paid }) => paid),
  }
}

/**
 * Where on the axis a moment lies, 0–100. Waits take no room: a night in which a run waited for money would press everything
 * that it did into nothing.
 */
export function axisOf(moments: readonly RunMoment[], now: number): (at: string | null) => number {
  const ms = (at: string | null): number => (at === null ? now : Date.parse(at))
  const phases = moments.filter(({ kind }) => kind === 'phase')
  const waits = moments.filter(({ kind }) => kind === 'wait').map(({ from, to }) => ({ from: ms(from), to: ms(to) }))
  const worked = (at: number): number =>
    at - waits.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at, to) - from), 0)
  const start = worked(Math.min(...phases.map(({ from }) => ms(from))))
  const whole = Math.max(1, worked(Math.max(...phases.map(({ to }) => ms(to)))) - start)
  return (at) => Math.min(100, Math.max(0, (100 * (worked(ms(at)) - start)) / whole))
}
