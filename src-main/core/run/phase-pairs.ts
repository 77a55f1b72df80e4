import type { RunEvent } from '#contract/run.ts'

/** A phase as it was passed: where it began and, once it has, where it ended. */
export interface PhasePair<Mark> {
  readonly start: Mark
  readonly end: Mark | null
}

/** Pairs the starts of phases with their ends, in the order of the starts: an end closes the last of its phase that is open. */
export function pairPhases<Mark extends Pick<RunEvent, 'node' | 'phase'>>(
  marks: readonly Mark[],
): readonly PhasePair<Mark>[] {
  const pairs: PhasePair<Mark>[] = []
  for (const mark of marks) {
    if (mark.phase === 'started') {
      pairs.push({ start: mark, end: null })
      continue
    }
    const at = pairs.findLastIndex(({ start, end }) => start.node === mark.node && end === null)
    const open = pairs[at]
    if (open !== undefined) pairs[at] = { ...open, end: mark }
  }
  return pairs
}
