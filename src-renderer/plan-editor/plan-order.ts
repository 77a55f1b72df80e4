/** What ordering needs to know of a task. */
type Linked = { key: string; depends_on: readonly string[] }

/** The chain of dependencies that leads from `from` to `to`, both included; null where there is none. */
export function findPath(tasks: readonly Linked[], from: string, to: string): string[] | null {
  const byKey = new Map(tasks.map((task) => [task.key, task]))
  const cameFrom = new Map<string, string | null>([[from, null]])
  const open = [from]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (key === to) return traceBack(cameFrom, to)
    for (const next of byKey.get(key)?.depends_on ?? []) {
      if (cameFrom.has(next)) continue
      cameFrom.set(next, key)
      open.push(next)
    }
  }
  return null
}

function traceBack(cameFrom: ReadonlyMap<string, string | null>, to: string): string[] {
  const path: string[] = []
  for (let key: string | null = to; key !== null; key = cameFrom.get(key) ?? null) path.unshift(key)
  return path
}

/**
 * The tasks with every task after all it depends on, otherwise in the order given; null where they form a circle.
 * Dependencies on tasks that are not there are ignored.
 */
export function orderByDependencies<T extends Linked>(tasks: readonly T[]): T[] | null {
  const present = new Set(tasks.map((task) => task.key))
  const placed = new Set<string>()
  const ordered: T[] = []
  let rest = [...tasks]
  while (rest.length > 0) {
    const later: T[] = []
    for (const task of rest) {
      const isReady = task.depends_on.every((key) => placed.has(key) || !present.has(key))
      if (!isReady) {
        later.push(task)
        continue
      }
      placed.add(task.key)
      ordered.push(task)
    }
    if (later.length === rest.length) return null
    rest = later
  }
  return ordered
}

/** How many dependencies deep each task stands: 0 depends on nothing. Members of a circle get 0. */
export function depths(tasks: readonly Linked[]): Map<string, number> {
  const result = new Map<string, number>()
  for (const task of orderByDependencies(tasks) ?? []) {
    const above = task.depends_on.map((key) => result.get(key) ?? -1)
    result.set(task.key, Math.max(-1, ...above) + 1)
  }
  for (const task of tasks) if (!result.has(task.key)) result.set(task.key, 0)
  return result
}
