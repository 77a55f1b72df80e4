import type { PlanDocument } from '#contract/plan.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ProjectRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { ReadyRow } from '../task/task-changes.ts'
import { createInsertTasks } from './insert-tasks.ts'

/** Turns a checked plan into task rows and dependency edges (P6). Answers with the tasks that can start at once. */
export type Decompose = (
  tx: Tx,
  plan: { readonly id: number; readonly document: PlanDocument },
  project: Pick<ProjectRow, 'id' | 'priority'>,
) => ReadyRow[]

export function createDecompose(store: Store, events: EventLog): Decompose {
  const insertTasks = createInsertTasks(store, events)
  const insertEdges = createInsertEdges(store)
  return (tx, plan, project) => {
    const unique = plan.document.tasks.map((task, position) => ({
      ...task,
      position,
      depends_on: [...new Set(task.depends_on)],
    }))
    const rows = insertTasks(tx, plan.id, project, unique)
    insertEdges(tx, unique, new Map(rows.map((row) => [row.key, row.id])))
    return rows.filter((row) => row.state === 'ready')
  }
}

/** Writes what each task of a checked plan depends on. `idOf`: the row of each key. */
export type InsertEdges = (
  tx: Tx,
  tasks: readonly { readonly key: string; readonly depends_on: readonly string[] }[],
  idOf: ReadonlyMap<string, number>,
) => void

export function createInsertEdges({ sqlite }: Store): InsertEdges {
  const insert = sqlite.prepare(
    `INSERT INTO task_dependency (task_id, depends_on_id) SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
  )
  return (_tx, tasks, idOf) => {
    // Keys are looked up here: joined in SQL, a plan of 1,000 tasks was parsed anew for every pair of them.
    const edges = tasks.flatMap((task) => task.depends_on.map((need) => [idOf.get(task.key), idOf.get(need)]))
    if (edges.flat().includes(undefined)) throw new Error('A checked plan names dependencies that it does not have')
    insert.run(JSON.stringify(edges))
  }
}
