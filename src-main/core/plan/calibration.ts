import { normalQuantile } from './normal.ts'

/**
 * What adding up a plan's tasks says about its total: the median of the draws, and the standard deviation of their natural
 * logarithms. As it stands it is too sure of itself, because it lets the tasks of a project vary independently.
 */
export interface Forecast {
  readonly centre: number
  readonly spread: number
}

/** A forecast whose project has ended, and what it came to. */
export interface PastForecast extends Forecast {
  readonly actual: number
}

/** The value that `share` (0–1) of projects with such a forecast stay at or below. */
export type Calibration = (forecast: Forecast, share: number) => number

/** With fewer past projects, a normal distribution stands in for the part of the errors that is not known yet. */
export const CALIBRATED_FROM = 50
/** By how much projects vary beyond their tasks (standard deviation of logarithms) as long as none has ended here. */
const FIRST_GUESS = 0.6
/** That guess counts as much as this many projects. */
const GUESS_COUNTS = 5

/**
 * Corrects forecasts by the errors of past ones. An error is `ln(actual / centre)`; it is taken relative to how unsure the
 * forecast itself was (`spread`) together with how much projects vary beyond that, which the past errors tell. The
 * percentiles are the ranks of those relative errors: the p-th of `n` is the one at rank p·(n + 1), so that a new project,
 * if it is like the past ones, falls below it with probability p, whatever the distribution is.
 *
 * This is conformal prediction with locally weighted residuals: J. Lei, M. G'Sell, A. Rinaldo, R. J. Tibshirani, L. Wasserman,
 * Distribution-Free Predictive Inference for Regression, JASA 113 (2018), section 5.2; V. Vovk, A. Gammerman, G. Shafer,
 * Algorithmic Learning in a Random World (2005).
 */
export function calibrate(past: readonly PastForecast[]): Calibration {
  const errors = past.map(({ actual, centre }) => Math.log(Math.max(actual, 1) / Math.max(centre, 1)))
  const trust = errors.length / (errors.length + GUESS_COUNTS)
  const bias = trust * rank(errors.toSorted(ascending), 0.5, 0)
  const between = (1 - trust) * FIRST_GUESS ** 2 + trust * varianceBetween(errors, bias, past)
  const scale = (spread: number): number => Math.sqrt(between + spread ** 2)
  const scores = past
    .map(({ spread }, index) => ((errors[index] ?? 0) - bias) / Math.max(scale(spread), Number.EPSILON))
    .toSorted(ascending)
  const known = Math.min(1, scores.length / CALIBRATED_FROM)

  return ({ centre, spread }, share) => {
    const guessed = normalQuantile(share)
    const score = known * rank(scores, share, guessed) + (1 - known) * guessed
    return centre * Math.exp(bias + score * scale(spread))
  }
}

function ascending(a: number, b: number): number {
  return a - b
}

/** What is left of the errors' variance when that of the forecasts themselves is taken off. */
function varianceBetween(errors: readonly number[], bias: number, past: readonly Forecast[]): number {
  if (errors.length === 0) return 0
  const within = past.reduce((sum, { spread }) => sum + spread ** 2, 0)
  const all = errors.reduce((sum, error) => sum + (error - bias) ** 2, 0)
  return Math.max(0, (all - within) / errors.length)
}

/**
 * The score at rank `share`·(n + 1), rounded away from the middle. Where so few scores have no such rank, the outermost one,
 * or `guessed` where that is farther out.
 */
function rank(sorted: readonly number[], share: number, guessed: number): number {
  const place = share * (sorted.length + 1)
  // The small amount takes off what binary fractions add to a whole rank.
  const found = sorted[(share < 0.5 ? Math.floor(place + 1e-9) : Math.ceil(place - 1e-9)) - 1]
  if (found !== undefined) return found
  const outermost = (share < 0.5 ? sorted[0] : sorted.at(-1)) ?? guessed
  return share < 0.5 ? Math.min(outermost, guessed) : Math.max(outermost, guessed)
}
