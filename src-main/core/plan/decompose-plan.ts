import type { PlanDocument } from '#contract/plan.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ProjectRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { type ReadyRow, VERIFIABLE } from '../task/task-changes.ts'

/** Turns a checked plan into task rows and dependency edges (P6). Answers with the tasks that can start at once. */
export type Decompose = (
  tx: Tx,
  plan: { readonly id: number; readonly document: PlanDocument },
  project: Pick<ProjectRow, 'id' | 'priority'>,
) => ReadyRow[]

export function createDecompose(store: Store, events: EventLog): Decompose {
  const { sqlite } = store
  const insertTasks = sqlite.prepare<Record<string, unknown>, ReadyRow & { key: string; title: string; state: string }>(
    `INSERT INTO task (project_id, plan_id, key, position, title, description, type, complexity, tier, tools, acceptance,
       verify_command, write_scope, hosts, artifacts, priority, state, unmet_dependencies, ready_at, created_at)
     SELECT @project_id, @plan_id, value ->> 'key', key, value ->> 'title', value ->> 'description', value ->> 'type',
       value ->> 'complexity', value ->> 'tier', value -> 'tools', value -> 'acceptance', value ->> 'verify_command',
       value -> 'write_scope', coalesce(value -> 'hosts', '[]'), value -> 'artifacts', @priority,
       iif(json_array_length(value, '$.depends_on') = 0, 'ready', 'pending'), json_array_length(value, '$.depends_on'),
       iif(json_array_length(value, '$.depends_on') = 0, @now, NULL), @now
     FROM json_each(@tasks)
     RETURNING id, project_id, type, complexity, tier, rung, ${VERIFIABLE}, priority, coalesce(ready_at, 0) AS ready_at, key, title, state`,
  )
  const insertEdges = sqlite.prepare(
    `INSERT INTO task_dependency (task_id, depends_on_id) SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
  )

  return (tx, plan, project) => {
    const unique = plan.document.tasks.map((task) => ({ ...task, depends_on: [...new Set(task.depends_on)] }))
    const tasks = JSON.stringify(unique)
    const rows = insertTasks.all({
      tasks,
      project_id: project.id,
      plan_id: plan.id,
      priority: project.priority,
      now: Date.now(),
    })
    // Keys are looked up here: joined in SQL, a plan of 1,000 tasks was parsed anew for every pair of them.
    const idOf = new Map(rows.map((row) => [row.key, row.id]))
    const edges = unique.flatMap((task) => task.depends_on.map((need) => [idOf.get(task.key), idOf.get(need)]))
    if (edges.flat().includes(undefined)) throw new Error(`Plan ${plan.id} names dependencies that it does not have`)
    insertEdges.run(JSON.stringify(edges))
    for (const { id, key, title } of rows) {
      events.append(tx, 'task.created', { project_id: project.id, task_id: id }, { key, title })
    }
    return rows.filter((row) => row.state === 'ready')
  }
}
