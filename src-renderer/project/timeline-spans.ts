import type { Attempt } from '#contract/attempt.ts'
import type { Phase, RunState, TaskState } from '#contract/states.ts'
import type { Task } from '#contract/task.ts'

/** A stretch of time in ms. */
export type Stretch = { readonly from: number; readonly to: number }

/** A run of a task on the time axis, in ms; `to` is now while it goes on. */
export interface Span extends Stretch {
  readonly id: string
  readonly task: Task
  /** From 1; which attempt at the task it was. */
  readonly attempt: number
  readonly profile: string | null
  readonly paid: boolean
  readonly cost_micros: number
  readonly state: RunState | TaskState
  readonly phases: readonly (Stretch & { readonly name: Phase })[]
  readonly waits: readonly (Stretch & { readonly reason: string })[]
}

/** Each task from its first start to its last end, as far as the tasks themselves tell of it. Tasks that never ran are left out. */
export function spansOfTasks(tasks: readonly Task[], now: number): Span[] {
  return tasks.flatMap((task) => {
    if (task.started_at === null) return []
    const { profile, paid, cost_micros, state } = task
    const time = stretch(task.started_at, task.ended_at, now)
    return [{ id: task.id, task, attempt: 1, profile, paid, cost_micros, state, ...time, phases: [], waits: [] }]
  })
}

/** All runs of these tasks, with what happened in them. */
export function spansOfAttempts(attempts: readonly Attempt[], tasks: readonly Task[], now: number): Span[] {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  return attempts.flatMap(({ run_id, task_id, from, to, phases, waits, ...rest }) => {
    const task = byId.get(task_id)
    if (task === undefined) return []
    const within = <Part extends { from: string; to: string | null }>(part: Part) => ({
      ...part,
      ...stretch(part.from, part.to, now),
    })
    return [
      {
        ...{ id: run_id, task, ...rest, ...stretch(from, to, now) },
        ...{ phases: phases.map(within), waits: waits.map(within) },
      },
    ]
  })
}

function stretch(from: string, to: string | null, now: number): Stretch {
  const begin = Date.parse(from)
  return { from: begin, to: Math.max(begin, to === null ? now : Date.parse(to)) }
}
