import { asc, eq } from 'drizzle-orm'
import type { PlanDocument, PlanTask } from '#contract/plan.ts'
import { type ProjectRow, plan as planTable, type TaskRow, task as taskTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

/** A task of the approved plan: its row, and how a plan would say it. */
export interface StandingTask {
  readonly row: TaskRow
  readonly task: PlanTask
}

/** The approved plan as its tasks are now (P7). */
export interface StandingPlan {
  readonly plan_id: number
  readonly document: PlanDocument
  /** In the order of the plan. */
  readonly tasks: readonly StandingTask[]
  /** Tasks that earlier changes of the plan removed, by their keys; they are kept for their history. */
  readonly removed: ReadonlyMap<string, TaskRow>
}

/** Null where nothing of the project was approved yet. */
export function readCurrentPlan(
  { orm, sqlite }: Store,
  project: Pick<ProjectRow, 'id' | 'plan_id'>,
): StandingPlan | null {
  if (project.plan_id === null) return null
  const rows = orm
    .select()
    .from(taskTable)
    .where(eq(taskTable.project_id, project.id))
    .orderBy(asc(taskTable.position))
    .all()
  const plan = orm.select().from(planTable).where(eq(planTable.id, project.plan_id)).get()
  if (rows.length === 0 || plan === undefined) return null
  const edges = sqlite
    .prepare<[number], { task_id: number; key: string }>(
      `SELECT e.task_id, d.key FROM task t JOIN task_dependency e ON e.task_id = t.id JOIN task d ON d.id = e.depends_on_id
       WHERE t.project_id = ? ORDER BY d.position`,
    )
    .all(project.id)
  const needs = Map.groupBy(edges, (edge) => edge.task_id)
  const tasks = rows
    .filter((row) => row.plan_id === project.plan_id)
    .map((row) => ({ row, task: taskOf(row, needs.get(row.id)?.map(({ key }) => key) ?? []) }))
  const { title, summary } = plan.document
  return {
    plan_id: plan.id,
    document: { title, summary, tasks: tasks.map(({ task }) => task) },
    tasks,
    removed: new Map(rows.filter((row) => row.plan_id !== project.plan_id).map((row) => [row.key, row])),
  }
}

function taskOf(row: TaskRow, depends_on: string[]): PlanTask {
  const { key, title, description, type, complexity, tier, tools, acceptance, verify_command } = row
  const { write_scope, hosts, artifacts } = row
  return {
    ...{ key, title, description, type, complexity, tier, tools, depends_on, acceptance, verify_command },
    ...{ write_scope, hosts, artifacts },
  }
}
