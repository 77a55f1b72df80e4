import type { PlanDocument } from '#contract/plan.ts'

/**
 * Tells how long a plan takes if its tasks take these times (ms, in the plan's order) and at most `places` run at once: every
 * task starts as soon as what it depends on is done and a place is free, first come, first served, as the executor does it.
 * Tasks in a cycle, which a checked plan does not have, are left out.
 */
export type Schedule = (times: ArrayLike<number>) => number

export function createSchedule(document: PlanDocument, places: number): Schedule {
  const positions = new Map(document.tasks.map((task, index) => [task.key, index]))
  const dependants: number[][] = document.tasks.map(() => [])
  const unmet = new Int32Array(document.tasks.length)
  for (const [index, task] of document.tasks.entries()) {
    for (const key of new Set(task.depends_on)) {
      const position = positions.get(key)
      if (position === undefined) continue
      dependants[position]?.push(index)
      unmet[index] = (unmet[index] ?? 0) + 1
    }
  }
  const roots = [...unmet.keys()].filter((index) => unmet[index] === 0)

  return (times) => {
    const left = unmet.slice()
    // Tasks become ready in the order of time, so that the queue never has to be sorted.
    const queue = [...roots]
    const ends: number[] = []
    const tasks: number[] = []
    let next = 0
    let now = 0
    for (;;) {
      for (; ends.length < places && next < queue.length; next += 1) {
        const task = queue[next] ?? 0
        ends.push(now + (times[task] ?? 0))
        tasks.push(task)
      }
      if (ends.length === 0) return now
      const first = earliest(ends)
      now = ends[first] ?? now
      for (const dependant of dependants[tasks[first] ?? 0] ?? []) {
        const count = (left[dependant] ?? 0) - 1
        left[dependant] = count
        if (count === 0) queue.push(dependant)
      }
      // The last one takes the place of the one that ended.
      const [lastEnd, lastTask] = [ends.pop(), tasks.pop()]
      if (first < ends.length && lastEnd !== undefined && lastTask !== undefined) {
        ends[first] = lastEnd
        tasks[first] = lastTask
      }
    }
  }
}

function earliest(ends: readonly number[]): number {
  let best = 0
  for (let index = 1; index < ends.length; index += 1) {
    if ((ends[index] ?? 0) < (ends[best] ?? 0)) best = index
  }
  return best
}
