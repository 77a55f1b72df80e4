import type { Store } from '../store/store.ts'

/** Whether a plan of the project was approved: from then on its plan is changed while its tasks go on (P7). */
export type HasTasks = (projectId: number) => boolean

export function createHasTasks({ sqlite }: Store): HasTasks {
  const one = sqlite.prepare<[number], number>('SELECT 1 FROM task WHERE project_id = ? LIMIT 1').pluck()
  return (projectId) => one.get(projectId) !== undefined
}
