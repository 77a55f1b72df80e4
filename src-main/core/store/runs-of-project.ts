/**
 * SQL for the ids of all runs of the project that `project`, an SQL expression, gives: those of its tasks, and those that
 * plan or sum up. By the indexes of those two kinds; an index of all runs by project would cost every run its place in it.
 */
export function runsOfProject(project: string): string {
  return `SELECT id FROM run WHERE task_id IN (SELECT id FROM task WHERE project_id = ${project})
    UNION ALL SELECT id FROM run WHERE project_id = ${project} AND task_id IS NULL`
}
