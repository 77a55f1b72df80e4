/** Whom the calls of one run count for. */
export interface Owner {
  readonly run_id: number
  readonly task_id: number
  readonly project_id: number
}

const PROJECTS = 2
const TASKS = 6
const RUNS = 12

/** Two projects of three tasks with two runs each. */
export const OWNERS: readonly Owner[] = Array.from({ length: RUNS }, (_, index) => ({
  run_id: index + 1,
  task_id: (index % TASKS) + 1,
  project_id: (index % PROJECTS) + 1,
}))
