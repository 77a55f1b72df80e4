import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** Which waiting tasks and runs can go on, and when the next of them does. */
export interface WaitingTasks {
  due(): number[]
  /** Of the projects that may go on; those that were asked about and have their answer. */
  on(what: 'resource' | 'budget' | 'approval', mayGoOn: (projectId: number) => boolean): number[]
  /** Those of these tasks that wait for a resource, an answer or a batch now. */
  among(ids: ReadonlySet<number>): number[]
  /** Those of these tasks whose run has not ended yet. */
  running(ids: ReadonlySet<number>): number[]
  /** Whether one of these tasks is ready or runs. */
  aboutToRun(ids: ReadonlySet<number>): boolean
  /** The next moment (ms) at which something goes on by itself, or null. */
  nextMoment(): number | null
  /** The clock was set back by so many ms: waits of a certain length end as much earlier by it. */
  bringForward(tx: Tx, ms: number): void
}

export function createWaitingTasks({ sqlite }: Store): WaitingTasks {
  const due = sqlite
    .prepare<[number], number>("SELECT id FROM task WHERE state = 'waiting' AND held = 0 AND resumes_at <= ?")
    .pluck()
  const on = sqlite.prepare<[string], { id: number; project_id: number }>(
    "SELECT id, project_id FROM task WHERE state = 'waiting' AND held = 0 AND waiting_on = ?",
  )
  const answered = sqlite.prepare<[], { id: number; project_id: number }>(
    `SELECT id, project_id FROM task WHERE state = 'waiting' AND waiting_on = 'approval' AND held = 0
       AND NOT EXISTS (SELECT 1 FROM approval a WHERE a.run_id = task.run_id AND a.state = 'open')`,
  )
  const among = sqlite
    .prepare<[string], number>(
      "SELECT id FROM task WHERE state = 'waiting' AND waiting_on IN ('resource', 'approval', 'batch') AND held = 0 AND id IN (SELECT value FROM json_each(?))",
    )
    .pluck()
  const running = sqlite
    .prepare<[string], number>("SELECT id FROM task WHERE state = 'running' AND id IN (SELECT value FROM json_each(?))")
    .pluck()
  const aboutToRun = sqlite
    .prepare<[string], number>(
      "SELECT 1 FROM task WHERE state IN ('ready', 'running') AND held = 0 AND id IN (SELECT value FROM json_each(?)) LIMIT 1",
    )
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
    on: (what, mayGoOn) =>
      (what === 'approval' ? answered.all() : on.all(what)).flatMap((row) => (mayGoOn(row.project_id) ? [row.id] : [])),
    among: (ids) => (ids.size === 0 ? [] : among.all(JSON.stringify([...ids]))),
    running: (ids) => (ids.size === 0 ? [] : running.all(JSON.stringify([...ids]))),
    aboutToRun: (ids) => ids.size > 0 && aboutToRun.get(JSON.stringify([...ids])) === 1,
    nextMoment: () => next.get() ?? null,
    bringForward(_tx, ms) {
      tasksForward.run(ms)
      runsForward.run(ms)
    },
  }
}
