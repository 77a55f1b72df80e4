/** The middle of the figures; of two middle ones the mean. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (upper === undefined || lower === undefined) throw new Error('No figures to take the middle of')
  return (lower + upper) / 2
}

export function inMegabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0)
}

/** Two digits behind the point are more than the machine's mood allows. */
export function asRatio(figure: number, baseline: number): string {
  return (figure / baseline).toFixed(2)
}

/** The smallest figure that `share` of them do not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (found === undefined) throw new Error('No figures to take a share of')
  return found
}
