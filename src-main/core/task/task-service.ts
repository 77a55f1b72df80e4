import { eq } from 'drizzle-orm'
import type { Result } from '#contract/result.ts'
import type { TaskState } from '#contract/states.ts'
import type { Task } from '#contract/task.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { MoveProject } from '../project/project-changes.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { project as projectTable, type TaskRow, task as taskTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { CloseWaitingRun } from './close-run.ts'
import type { Steering } from './steering.ts'
import { type ReadyRow, readyRowOf, type TaskChanges } from './task-changes.ts'
import type { TaskView } from './task-view.ts'

export type TaskSteering = Omit<Core['tasks'], 'runs' | 'diff' | 'undo'>

/** Steers single tasks (E4). Nothing that a task has finished is thrown away. */
export function createTaskService(
  store: Store,
  events: EventLog,
  view: TaskView,
  changes: TaskChanges,
  steering: Steering,
  moveProject: MoveProject,
  closeWaitingRun: CloseWaitingRun,
): TaskSteering {
  /** Makes a change to a task that is in one of `states`, then wakes the executor. */
  async function steer(
    id: string,
    states: readonly TaskState[],
    verb: string,
    change: (tx: Tx, row: TaskRow) => readonly ReadyRow[],
  ): Promise<Result<Task, Refusal>> {
    const found = view.row(id)
    if (!found.ok) return found
    const project = store.orm.select().from(projectTable).where(eq(projectTable.id, found.value.project_id)).get()
    if (project?.state === 'cancelled') return refuse('conflict', 'The project was cancelled; its tasks are over.')
    if (project !== undefined && found.value.plan_id !== project.plan_id) {
      return refuse(
        'conflict',
        'A newer version of the plan does without this task. Change the plan to take it in again.',
      )
    }
    const ready = await store.tryWrite((tx) => {
      const row = tx.orm.select().from(taskTable).where(eq(taskTable.id, found.value.id)).get()
      if (row === undefined || !states.includes(row.state)) return null
      return change(tx, row)
    })
    if (ready === null) {
      const now = view.row(id)
      const state = now.ok ? now.value.state : 'gone'
      return refuse('conflict', `A task that is ${state} cannot be ${verb}.`)
    }
    if (ready.length > 0) steering.takeUp(found.value.project_id)
    steering.enqueue(ready)
    steering.wake(found.value.project_id)
    return view.get(id)
  }

  const askedBy = store.sqlite.prepare('UPDATE project SET correlation_id = ? WHERE id = ?')

  /** A project that had ended, or waited, goes on when one of its tasks does. */
  function wakeProject(tx: Tx, projectId: number): void {
    const row = tx.orm
      .select({ state: projectTable.state })
      .from(projectTable)
      .where(eq(projectTable.id, projectId))
      .get()
    if (row !== undefined && row.state !== 'paused') moveProject(tx, projectId, 'executing', '')
    // Also where it goes on already: what runs next does so by this.
    if (tx.correlation_id !== null) askedBy.run(tx.correlation_id, projectId)
  }

  return {
    get: view.get,
    async change(id, change) {
      const { id: _, ...given } = change as typeof change & { id?: string }
      const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      return steer(
        id,
        ['pending', 'ready', 'waiting', 'blocked', 'failed', 'cancelled', 'skipped'],
        'changed',
        (tx, row) => {
          if (Object.keys(fields).length === 0) return []
          // Who names a tier, or takes one back, wants it to begin there.
          const set = 'tier' in fields ? { ...fields, rung: null, rung_reason: '' } : fields
          tx.orm.update(taskTable).set(set).where(eq(taskTable.id, row.id)).run()
          events.append(
            tx,
            'task.changed',
            { project_id: row.project_id, task_id: row.id },
            { fields: Object.keys(fields) },
          )
          return row.state === 'ready' && !row.held ? [readyRowOf({ ...row, ...set })] : []
        },
      )
    },
    retry: (id, from) =>
      steer(id, ['failed', 'cancelled', 'waiting'], 'retried', (tx, row) => {
        const carry = from === 'step' ? row.run_id : null
        tx.orm.update(taskTable).set({ carry_run_id: carry, held: false }).where(eq(taskTable.id, row.id)).run()
        if (from === 'start') closeWaitingRun(tx, row, 'Started over by you.')
        const ready = row.state === 'waiting' ? changes.toReady(tx, [row.id]) : changes.reopen(tx, row.id)
        wakeProject(tx, row.project_id)
        return ready
      }),
    cancel: (id) =>
      steer(id, ['pending', 'ready', 'running', 'waiting', 'blocked'], 'cancelled', (tx, row) => {
        changes.end(tx, [row.id], 'cancelled', 'Cancelled by you.')
        closeWaitingRun(tx, row, 'Cancelled by you.')
        tx.afterCommit(() => steering.cancelRuns({ task_id: row.id }))
        wakeProject(tx, row.project_id)
        return []
      }),
    skip: (id) =>
      steer(id, ['pending', 'ready', 'waiting', 'blocked', 'failed', 'cancelled'], 'skipped', (tx, row) => {
        const { ready } = changes.end(tx, [row.id], 'skipped', 'Skipped by you.')
        closeWaitingRun(tx, row, 'Skipped by you.')
        wakeProject(tx, row.project_id)
        return ready
      }),
    pause: (id) =>
      steer(id, ['pending', 'ready', 'running', 'waiting'], 'paused', (tx, row) => {
        tx.orm.update(taskTable).set({ held: true }).where(eq(taskTable.id, row.id)).run()
        events.append(tx, 'task.changed', { project_id: row.project_id, task_id: row.id }, { fields: ['held'] })
        tx.afterCommit(() => steering.pauseRuns({ task_id: row.id }))
        return []
      }),
    async atOnce(id) {
      const found = view.row(id)
      if (!found.ok) return found
      const project = store.orm.select().from(projectTable).where(eq(projectTable.id, found.value.project_id)).get()
      if (project?.can_wait === false) {
        return refuse('conflict', 'The calls of this project do not wait for batches; it goes on as soon as it can.')
      }
      return steer(id, ['pending', 'ready', 'running', 'waiting', 'blocked'], 'done at once', (tx, row) => {
        tx.orm.update(taskTable).set({ at_once: true }).where(eq(taskTable.id, row.id)).run()
        events.append(tx, 'task.changed', { project_id: row.project_id, task_id: row.id }, { fields: ['at_once'] })
        return []
      })
    },
    resume: (id) =>
      steer(id, ['pending', 'ready', 'running', 'waiting'], 'resumed', (tx, row) => {
        tx.orm.update(taskTable).set({ held: false }).where(eq(taskTable.id, row.id)).run()
        events.append(tx, 'task.changed', { project_id: row.project_id, task_id: row.id }, { fields: ['held'] })
        wakeProject(tx, row.project_id)
        // What it waited for may have come while it was held, when nobody asked it again.
        if (row.state === 'waiting') return changes.toReady(tx, [row.id])
        return row.state === 'ready' ? [readyRowOf(row)] : []
      }),
  }
}
