import type { PlanDocument, PlanProblem } from '#contract/plan.ts'
import { err, ok, type Result } from '#contract/result.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ProjectRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { CloseWaitingRun } from '../task/close-run.ts'
import type { Steering } from '../task/steering.ts'
import type { ReadyRow, TaskChanges } from '../task/task-changes.ts'
import { readCurrentPlan, type StandingPlan } from './current-plan.ts'
import { createInsertEdges } from './decompose-plan.ts'
import { createInsertTasks } from './insert-tasks.ts'
import { changeOf, isFinished } from './plan-change.ts'

/**
 * Makes the tasks of a project those of an approved new version (P7), inside the transaction of the approval. What is
 * unchanged goes on with its results and its run; what was removed is cancelled and keeps its history; what is said
 * differently begins anew; what runs of either is stopped after the commit. The project still names the earlier plan.
 *
 * Answers with the tasks that became ready, those that stay and are still open, and those whose work is stopped; refused, with nothing changed, where
 * the version touches what has finished, perhaps since it was proposed.
 */
export type ChangePlan = (
  tx: Tx,
  plan: { readonly id: number; readonly version: number; readonly document: PlanDocument },
  project: Pick<ProjectRow, 'id' | 'priority' | 'plan_id'>,
) => Result<{ readonly ready: ReadyRow[]; readonly goOn: number[]; readonly stopped: number[] }, readonly PlanProblem[]>

export function createChangePlan(
  store: Store,
  events: EventLog,
  tasks: Pick<TaskChanges, 'end' | 'beginAnew' | 'arrange'>,
  closeWaitingRun: CloseWaitingRun,
  steering: Pick<Steering, 'cancelRuns'>,
): ChangePlan {
  const { sqlite } = store
  const insertTasks = createInsertTasks(store, events)
  const insertEdges = createInsertEdges(store)
  const removeEdges = sqlite.prepare('DELETE FROM task_dependency WHERE task_id IN (SELECT value FROM json_each(?))')
  const rewrite = sqlite.prepare(
    `UPDATE task SET title = v.value ->> 'title', description = v.value ->> 'description', type = v.value ->> 'type',
       complexity = v.value ->> 'complexity', tier = v.value ->> 'tier', tools = v.value -> 'tools',
       acceptance = v.value -> 'acceptance', verify_command = v.value ->> 'verify_command',
       write_scope = v.value -> 'write_scope', hosts = v.value -> 'hosts', artifacts = v.value -> 'artifacts',
       rung = NULL, rung_reason = '', run_id = NULL, carry_run_id = NULL, output = ''
     FROM json_each(?) v WHERE task.id = v.value ->> 'id'`,
  )
  const place = sqlite.prepare(
    `UPDATE task SET position = v.value ->> 1, plan_id = v.value ->> 2 FROM json_each(?) v WHERE task.id = v.value ->> 0`,
  )

  return (tx, plan, project) => {
    const current = readCurrentPlan(store, project)
    if (current === null) throw new Error(`Project ${project.id} has no approved plan that could be changed`)
    const change = changeOf(current, plan.document)
    if (change.problems.length > 0) return err(change.problems)
    const { kept, changed, added, removed } = change
    const positions = new Map(plan.document.tasks.map(({ key }, position) => [key, position]))

    const rows = insertTasks(
      tx,
      plan.id,
      project,
      added.map((task) => ({ ...task, position: positions.get(task.key) ?? 0 })),
    )
    const staying = [...kept, ...changed].map(({ row }) => row)
    const idOf = new Map([...staying, ...rows].map(({ key, id }) => [key, id]))
    // Before anything ends: nothing of the new version waits for what is removed from it.
    removeEdges.run(JSON.stringify([...idOf.values()]))
    insertEdges(tx, plan.document.tasks, idOf)

    const reason = `Version ${plan.version} of the plan`
    const gone = removed.map(({ row }) => row)
    tasks.end(tx, idsOf(gone), 'cancelled', `${reason} does without this task.`)
    rewrite.run(JSON.stringify(changed.map(({ row, task }) => ({ ...task, id: row.id }))))
    for (const { row, fields } of changed)
      events.append(tx, 'task.changed', { project_id: project.id, task_id: row.id }, { fields: [...fields] })
    const anew = changed.map(({ row }) => row)
    tasks.beginAnew(tx, idsOf(anew))
    for (const row of [...gone, ...anew]) {
      closeWaitingRun(tx, row, `${reason} came in between.`)
      if (row.state === 'running') tx.afterCommit(() => steering.cancelRuns({ task_id: row.id }))
    }
    place.run(JSON.stringify([...places(staying, plan, positions), ...after(gone, current, plan)]))
    const ready = tasks.arrange(tx, [...idOf.values()])
    const goOn = kept.filter((standing) => !isFinished(standing)).map(({ row }) => row.id)
    return ok({
      ready: [...rows.filter(({ state }) => state === 'ready'), ...ready],
      goOn,
      stopped: idsOf([...gone, ...anew]),
    })
  }
}

type Placed = [id: number, position: number, plan: number]

function places(
  rows: readonly { readonly id: number; readonly key: string }[],
  plan: { readonly id: number },
  positions: ReadonlyMap<string, number>,
): Placed[] {
  return rows.map(({ id, key }) => [id, positions.get(key) ?? 0, plan.id])
}

/** Removed tasks come behind those of the plan and stay with the one that had them, so that lists stay in order. */
function after(
  gone: readonly { readonly id: number; readonly plan_id: number }[],
  current: StandingPlan,
  plan: { readonly document: PlanDocument },
): Placed[] {
  const wanted = new Set(plan.document.tasks.map(({ key }) => key))
  const before = [...current.removed.values()].filter(({ key }) => !wanted.has(key))
  return [...before, ...gone].map(({ id, plan_id }, index) => [id, plan.document.tasks.length + index, plan_id])
}

function idsOf(rows: readonly { readonly id: number }[]): number[] {
  return rows.map(({ id }) => id)
}
