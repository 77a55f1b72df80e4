import type { PlanDocument } from '#contract/plan.ts'

/** Tasks that share places of their own: those of one model. */
export interface Lane {
  readonly name: string
  /** How many of them may run at once, at least 1. */
  readonly places: number
}

/**
 * Tells how long a plan takes if its tasks take these times (ms, in the plan's order): every task starts as soon as what it
 * depends on is done and there is a place for it, first come, first served, as the executor does it. Tasks in a cycle, which
 * a checked plan does not have, are left out.
 */
export type Schedule = (times: ArrayLike<number>) => number

/** `places`: how many tasks may run at once in all. `lanes`: of each task, in the plan's order. */
export function createSchedule(document: PlanDocument, places: number, lanes: readonly Lane[]): Schedule {
  const { unmet, dependants } = edgesOf(document)
  const roots = [...unmet.keys()].filter((index) => unmet[index] === 0)
  const names = [...new Set(lanes.map((lane) => lane.name))]
  const laneOf = Int32Array.from(lanes, (lane) => names.indexOf(lane.name))
  const placesOf = names.map((name) => lanes.find((lane) => lane.name === name)?.places ?? places)
  const queues = names.map((_, lane) => createLaneQueue(laneOf.reduce((sum, of) => sum + Number(of === lane), 0)))
  // A plan is laid out hundreds of times for one estimate, so that nothing is made anew each time.
  const left = new Int32Array(unmet.length)
  const running = new Int32Array(Math.min(places, unmet.length))
  const ends = new Float64Array(running.length)

  return (times) => {
    left.set(unmet)
    for (const queue of queues) queue.clear()
    let arrived = 0
    for (const task of roots) {
      queues[laneOf[task] ?? 0]?.push(task, arrived)
      arrived += 1
    }
    let count = 0
    let now = 0
    for (;;) {
      for (; count < running.length; count += 1) {
        const task = takeNext(queues, placesOf)
        if (task === -1) break
        running[count] = task
        ends[count] = now + (times[task] ?? 0)
      }
      if (count === 0) return now
      const first = earliest(ends, count)
      const ended = running[first] ?? 0
      now = ends[first] ?? now
      // The last one takes the place of the one that ended.
      count -= 1
      running[first] = running[count] ?? 0
      ends[first] = ends[count] ?? 0
      queues[laneOf[ended] ?? 0]?.leave()
      for (const dependant of dependants[ended] ?? []) {
        const open = (left[dependant] ?? 0) - 1
        left[dependant] = open
        if (open > 0) continue
        queues[laneOf[dependant] ?? 0]?.push(dependant, arrived)
        arrived += 1
      }
    }
  }
}

function edgesOf(document: PlanDocument): { unmet: Int32Array; dependants: number[][] } {
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
  return { unmet, dependants }
}

/** Ready tasks of a lane. They become ready in the order of time, so that it never has to be sorted. */
interface LaneQueue {
  clear(): void
  push(task: number, arrival: number): void
  /** When its first task came; infinity where none waits. */
  firstArrival(): number
  /** Takes the first task out; it runs until `leave`. */
  take(): number
  leave(): void
  running(): number
}

function createLaneQueue(size: number): LaneQueue {
  const tasks = new Int32Array(size)
  const arrivals = new Int32Array(size)
  let first = 0
  let end = 0
  let running = 0
  return {
    clear() {
      first = 0
      end = 0
      running = 0
    },
    push(task, arrival) {
      tasks[end] = task
      arrivals[end] = arrival
      end += 1
    },
    firstArrival: () => (first < end ? (arrivals[first] ?? 0) : Number.POSITIVE_INFINITY),
    take() {
      first += 1
      running += 1
      return tasks[first - 1] ?? 0
    },
    leave() {
      running -= 1
    },
    running: () => running,
  }
}

/** The task that came first among those whose lane has a place; -1 where none can start. */
function takeNext(queues: readonly LaneQueue[], placesOf: readonly number[]): number {
  let best: LaneQueue | undefined
  let bestArrival = Number.POSITIVE_INFINITY
  for (let lane = 0; lane < queues.length; lane += 1) {
    const queue = queues[lane]
    if (queue === undefined || queue.running() >= (placesOf[lane] ?? 1)) continue
    const arrival = queue.firstArrival()
    if (arrival >= bestArrival) continue
    best = queue
    bestArrival = arrival
  }
  return best?.take() ?? -1
}

function earliest(ends: Float64Array, count: number): number {
  let best = 0
  for (let index = 1; index < count; index += 1) {
    if ((ends[index] ?? 0) < (ends[best] ?? 0)) best = index
  }
  return best
}
