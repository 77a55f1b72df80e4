import type { PlanTask } from '#contract/plan.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ProjectRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { IS_VERIFIABLE, type ReadyRow } from '../task/task-changes.ts'

/** A task that was just made: how it queues where it is ready, and what it is called. */
export type InsertedTask = ReadyRow & { readonly key: string; readonly title: string; readonly state: string }

/** Makes rows of a plan's tasks, with their place in it. What depends on nothing is ready. */
export type InsertTasks = (
  tx: Tx,
  planId: number,
  project: Pick<ProjectRow, 'id' | 'priority'>,
  tasks: readonly (PlanTask & { readonly position: number })[],
) => InsertedTask[]

/** SQL for a list of a task's JSON as its column has it (`store/text-list.ts`). */
const list = (name: string): string => `coalesce(nullif(value -> '${name}', '[]'), '')`

export function createInsertTasks(store: Store, events: EventLog): InsertTasks {
  const insert = store.sqlite.prepare<Record<string, unknown>, InsertedTask>(
    `INSERT INTO task (project_id, plan_id, key, position, title, description, type, complexity, tier, tools, acceptance,
       verify_command, write_scope, hosts, artifacts, priority, state, unmet_dependencies, ready_at, created_at)
     SELECT @project_id, @plan_id, value ->> 'key', value ->> 'position', value ->> 'title', value ->> 'description',
       value ->> 'type', value ->> 'complexity', value ->> 'tier', ${list('tools')}, ${list('acceptance')},
       value ->> 'verify_command', ${list('write_scope')}, ${list('hosts')}, ${list('artifacts')}, @priority,
       iif(json_array_length(value, '$.depends_on') = 0, 'ready', 'pending'), json_array_length(value, '$.depends_on'),
       iif(json_array_length(value, '$.depends_on') = 0, @now, NULL), @now
     FROM json_each(@tasks)
     RETURNING id, project_id, type, complexity, tier, rung, ${IS_VERIFIABLE} AS verifiable, priority, coalesce(ready_at, 0) AS ready_at, key, title, state`,
  )
  return (tx, plan_id, project, tasks) => {
    const { id: project_id, priority } = project
    const rows = insert.all({ tasks: JSON.stringify(tasks), project_id, plan_id, priority, now: Date.now() })
    for (const { id, key, title } of rows) {
      events.append(tx, 'task.created', { project_id, task_id: id }, { key, title })
    }
    return rows
  }
}
