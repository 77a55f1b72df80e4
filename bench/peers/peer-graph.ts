import type { PlanDocument } from '#contract/plan.ts'

/** A task as a queue knows it: by its place among all tasks of the shape. */
export interface PeerTask {
  readonly id: number
  readonly needs: readonly number[]
  readonly unlocks: readonly number[]
}

/** The tasks of all these plans, numbered through. */
export function peerTasks(plans: readonly PlanDocument[]): PeerTask[] {
  const tasks: { id: number; needs: number[]; unlocks: number[] }[] = []
  for (const plan of plans) {
    const ofKey = new Map<string, { id: number; unlocks: number[] }>()
    for (const { key, depends_on } of plan.tasks) {
      const needed = depends_on.map((name) => {
        const found = ofKey.get(name)
        if (found === undefined) throw new Error(`${key} needs ${name}, which does not stand before it`)
        return found
      })
      const task = { id: tasks.length, needs: needed.map(({ id }) => id), unlocks: [] }
      for (const { unlocks } of needed) unlocks.push(task.id)
      tasks.push(task)
      ofKey.set(key, task)
    }
  }
  return tasks
}

/** What a queue's handler was called with, in order. */
export interface PeerRecord {
  began(id: number): void
  ended(id: number): void
  /** Resolves once every task has ended. */
  readonly all: Promise<void>
  /** What is wrong: a task that ran more or less than once, before what it needs, or beside too many others. */
  faults(concurrency: number): string[]
}

export function createPeerRecord(tasks: readonly PeerTask[]): PeerRecord {
  const began = new Map<number, number[]>()
  const ended = new Map<number, number[]>()
  let moments = 0
  let open = 0
  let atOnce = 0
  let left = tasks.length
  let resolveAll: () => void
  const all = new Promise<void>((resolve) => {
    resolveAll = resolve
  })
  const note = (places: Map<number, number[]>, id: number): void => {
    moments += 1
    const before = places.get(id)
    if (before === undefined) places.set(id, [moments])
    else before.push(moments)
  }
  return {
    all,
    began(id) {
      note(began, id)
      open += 1
      atOnce = Math.max(atOnce, open)
    },
    ended(id) {
      note(ended, id)
      open -= 1
      left -= 1
      if (left === 0) resolveAll()
    },
    faults(concurrency) {
      const notOnce = tasks.filter(({ id }) => began.get(id)?.length !== 1 || ended.get(id)?.length !== 1)
      const tooEarly = tasks.filter(({ id, needs }) =>
        needs.some((needed) => !((began.get(id)?.[0] ?? 0) > (ended.get(needed)?.[0] ?? Number.POSITIVE_INFINITY))),
      )
      const found: string[] = []
      if (notOnce.length > 0) found.push(`${notOnce.length} tasks did not run exactly once`)
      if (tooEarly.length > 0) found.push(`${tooEarly.length} tasks ran before what they need`)
      if (atOnce > concurrency) found.push(`${atOnce} tasks at once, more than ${concurrency}`)
      return found
    },
  }
}
