/** The part of a task that the graph is made of. */
export interface GraphTask {
  readonly key: string
  readonly depends_on: readonly string[]
}

/**
 * One cycle of the graph as the keys along it, each depending on the next, the first repeated at the end; null where
 * there is none. Dependencies on unknown keys are passed over. Linear, and not recursive: a chain of 1,000 is fine.
 */
export function findCycle(tasks: readonly GraphTask[]): string[] | null {
  const dependencies = new Map(tasks.map((task) => [task.key, task.depends_on]))
  const finished = new Set<string>()
  for (const task of tasks) {
    const path: { key: string; next: number }[] = [{ key: task.key, next: 0 }]
    const onPath = new Set([task.key])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const dependency = finished.has(top.key) ? undefined : dependencies.get(top.key)?.[top.next]
      if (dependency === undefined) {
        finished.add(top.key)
        onPath.delete(top.key)
        path.pop()
        continue
      }
      top.next += 1
      if (onPath.has(dependency)) {
        const keys = path.map((step) => step.key)
        return [...keys.slice(keys.indexOf(dependency)), dependency]
      }
      if (!dependencies.has(dependency) || finished.has(dependency)) continue
      onPath.add(dependency)
      path.push({ key: dependency, next: 0 })
    }
  }
  return null
}

/** Names in a cycle that are worth showing: a long one is shortened in the middle. */
export function cyclePath(cycle: readonly string[]): string {
  const shown = cycle.length <= 12 ? cycle : [...cycle.slice(0, 6), '…', ...cycle.slice(-5)]
  return shown.join(' → ')
}
