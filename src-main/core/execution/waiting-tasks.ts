import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** Which waiting tasks and runs can go on, and when the next of them does. */
export interface WaitingTasks {
  due(): number[]
  on(what: 'resource' | 'budget' | 'lock'): number[]
  /** The next moment (ms) at which something goes on by itself, or null. */
  nextMoment(): number | null
  /** The clock was set back by so many ms: waits of a certain length end as much earlier by it. */
  bringForward(tx: Tx, ms: number): void
}

export function createWaitingTasks({ sqlite }: Store): WaitingTasks {
  const due = sqlite
    .prepare<[number], number>("SELECT id FROM task WHERE state = 'waiting' AND held = 0 AND resumes_at <= ?")
    .pluck()
  const on = sqlite
    .prepare<[string], number>("SELECT id FROM task WHERE state = 'waiting' AND held = 0 AND waiting_on = ?")
    .pluck()
  const next = sqlite
    .prepare<[], number | null>(
      `SELECT min(at) FROM (SELECT min(resumes_at) AS at FROM task WHERE state = 'waiting' AND held = 0
         UNION ALL SELECT min(resumes_at) FROM run WHERE state = 'waiting' AND task_id IS NULL)`,
    )
    .pluck()
  const tasksForward = sqlite.prepare(
    "UPDATE task SET resumes_at = resumes_at - ? WHERE state = 'waiting' AND waiting_on IN ('retry', 'rate_limit')",
  )
  const runsForward = sqlite.prepare(
    "UPDATE run SET resumes_at = resumes_at - ? WHERE state = 'waiting' AND task_id IS NULL",
  )
  return {
    due: () => due.all(Date.now()),
    on: (what) => on.all(what),
    nextMoment: () => next.get() ?? null,
    bringForward(_tx, ms) {
      tasksForward.run(ms)
      runsForward.run(ms)
    },
  }
}
