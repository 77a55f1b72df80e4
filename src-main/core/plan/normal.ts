/** How many standard deviations apart the 10th and the 90th percentile of a normal distribution are. */
export const P10_TO_P90 = 2.563_103

/**
 * The value of a standard normal distribution below which `share` (0–1, both excluded) of it lies; wrong by less than
 * 0.00045 (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23).
 */
export function normalQuantile(share: number): number {
  const tail = Math.sqrt(-2 * Math.log(Math.min(share, 1 - share)))
  const above = 2.515517 + tail * (0.802853 + tail * 0.010328)
  const below = 1 + tail * (1.432788 + tail * (0.189269 + tail * 0.001308))
  const value = tail - above / below
  return share < 0.5 ? -value : value
}
