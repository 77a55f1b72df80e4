/** As long as a write of a process that lives may be under way; until then nobody can say that it was left behind. */
const EVERY_MS = 3_600_000

/**
 * Says of each folder when it is to be looked through for what dead writers left: the first time that it is asked about, and
 * again when an hour has passed. Each run of a task opens its workspace, and to look at ten thousand files each time would
 * cost more than most tasks. `now`: a clock that only goes forward, in ms.
 */
export function tidyTimes(now: () => number = () => performance.now()): (root: string) => boolean {
  const last = new Map<string, number>()
  return (root) => {
    const before = last.get(root)
    if (before !== undefined && now() - before < EVERY_MS) return false
    last.set(root, now())
    return true
  }
}
