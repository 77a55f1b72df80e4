import type { Complexity, Tier } from '#contract/states.ts'

/** How runs of one class of tasks ended at one tier with one model, on this machine. */
export interface RungCounts {
  /** Runs whose result was accepted, and runs that were given up after their repairs. */
  readonly verified: number
  readonly refused: number
  /** Times that a result was checked, repairs included; and how many of those checks were a model's. */
  readonly checks: number
  readonly model_checks: number
  /** What all these runs cost, checks included, in micro-dollars. */
  readonly cost_micros: number
}

export const NO_COUNTS: RungCounts = { verified: 0, refused: 0, checks: 0, model_checks: 0, cost_micros: 0 }

/** One tier that policy allows, with what is known of it. */
export interface Rung {
  readonly tier: Tier
  readonly counts: RungCounts
  /** What a run there is thought to cost before any has been seen, in micro-dollars. */
  readonly usual_micros: number
}

/** Draws that decide what is tried; `beta(a, b)` answers with a number between 0 and 1. */
export interface Draws {
  beta(a: number, b: number): number
}

/** No chance at all: the mean instead of a draw, for what is only shown. */
export const MEANS: Draws = { beta: (a, b) => a / (a + b) }

/**
 * How often a run is accepted before any was seen, as this many runs would say it. Cheap tiers are given the benefit of the
 * doubt on what is simple only.
 */
const PRIOR_RUNS = 3
const PRIOR: Readonly<Record<Tier, Readonly<Record<Complexity, number>>>> = {
  local: { simple: 0.75, medium: 0.5, complex: 0.2 },
  fast: { simple: 0.9, medium: 0.8, complex: 0.5 },
  strong: { simple: 0.95, medium: 0.92, complex: 0.85 },
}
/** Checks for each accepted run, before any was seen. */
const PRIOR_CHECKS_PER_RUN = 1.4
/** How often a check accepts what is wrong and refuses what is right: stated, since nobody measures it here. */
const ERRORS = {
  command: { accepts_wrong: 0.01, refuses_right: 0.02 },
  model: { accepts_wrong: 0.08, refuses_right: 0.06 },
} as const

interface Chances {
  readonly tier: Tier
  /** Of being accepted at this rung. */
  readonly accepted: number
  /** Of being right where it is accepted. */
  readonly right: number
  readonly cost_micros: number
}

/**
 * The ladder, a rising choice of the rungs, that loses least: what it costs and, where it ends without a right result,
 * `failure_micros`. With drawn chances this is Thompson sampling over the ladders (Thompson 1933; Russo et al., "A Tutorial
 * on Thompson Sampling", 2018): each rung's chance of acceptance is drawn from its Beta posterior, so little known rungs are
 * tried now and then, and known bad ones are not. Accepted is not right: the share of right results is estimated from the
 * rate of acceptance by the known errors of the check (Rogan and Gladen 1978).
 */
export function bestLadder(
  rungs: readonly Rung[],
  complexity: Complexity,
  failure_micros: number,
  draws: Draws,
): readonly Tier[] {
  const chances = rungs.map((rung) => chancesOf(rung, complexity, draws))
  let best: readonly Tier[] = []
  let least = failure_micros
  for (const ladder of ladders(chances)) {
    const loss = lossOf(ladder, failure_micros)
    // Of equals the later one, which has more rungs to fall back on.
    if (best.length > 0 && loss > least) continue
    best = ladder.map(({ tier }) => tier)
    least = loss
  }
  return best
}

function chancesOf({ tier, counts, usual_micros }: Rung, complexity: Complexity, draws: Draws): Chances {
  const { verified, refused, checks, model_checks, cost_micros } = counts
  const prior = PRIOR_RUNS * PRIOR[tier][complexity]
  const accepted = draws.beta(verified + prior, refused + PRIOR_RUNS - prior)
  const perCheck = (verified + prior) / (checks + PRIOR_RUNS * PRIOR_CHECKS_PER_RUN)
  const byModel = (model_checks + PRIOR_RUNS / 2) / (checks + PRIOR_RUNS)
  return {
    tier,
    accepted,
    right: rightWhereAccepted(perCheck, byModel),
    cost_micros: (cost_micros + usual_micros) / (verified + refused + 1),
  }
}

function rightWhereAccepted(accepted: number, byModel: number): number {
  const { command, model } = ERRORS
  const acceptsWrong = byModel * model.accepts_wrong + (1 - byModel) * command.accepts_wrong
  const refusesRight = byModel * model.refuses_right + (1 - byModel) * command.refuses_right
  const right = (accepted - acceptsWrong) / (1 - acceptsWrong - refusesRight)
  return Math.min(1, Math.max(0, (right * (1 - refusesRight)) / accepted))
}

/** All rising choices of at least one rung, short ones first. */
function ladders(rungs: readonly Chances[]): (readonly Chances[])[] {
  const all: (readonly Chances[])[] = [[]]
  for (const rung of rungs) all.push(...all.map((ladder) => [...ladder, rung]))
  return all.filter((ladder) => ladder.length > 0).sort((a, b) => a.length - b.length)
}

function lossOf(ladder: readonly Chances[], failure_micros: number): number {
  let reached = 1
  let cost = 0
  let right = 0
  for (const rung of ladder) {
    cost += reached * rung.cost_micros
    right += reached * rung.accepted * rung.right
    reached *= 1 - rung.accepted
  }
  return cost + (1 - right) * failure_micros
}
